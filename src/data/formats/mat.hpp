#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ditmos::data {

/// A real matrix of a MAT file, as MATLAB stores it: value (r, c) at values[c * rows + r].
struct MatMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t r, std::size_t c) const { return values[c * rows + r]; }
};

/// Read access to a MATLAB file of level 5 (save -v6 and -v7, either byte order), after MathWorks' "MAT-File
/// Format". A parser of our own, since the common library allocates what a damaged file claims. Every
/// function throws Error naming the file and the variable.
class MatFile {
 public:
  explicit MatFile(const std::filesystem::path& path);
  MatFile(std::string bytes, std::string name);
  MatFile(const MatFile&) = delete;
  MatFile& operator=(const MatFile&) = delete;

  /// A numeric or logical array; one of more than two dimensions is folded to rows x the rest.
  MatMatrix matrix(const std::string& name) const;
  /// The dimensions of a variable, as MATLAB's size() says them.
  std::vector<std::size_t> shape(const std::string& name) const;
  /// The matrices of a cell array, column by column.
  std::vector<MatMatrix> matrix_cells(const std::string& name) const;
  /// The strings of a cell array: strings[column * rows + row]; `rows` gets the number of rows.
  std::vector<std::string> string_cells(const std::string& name, std::size_t& rows) const;

 private:
  struct Array {
    std::string name;
    int kind = 0;  ///< MATLAB's class: 1 cell, 4 char, 6 double, ... 15 uint64
    bool complex = false;
    std::vector<std::size_t> dims;
    std::string_view body;  ///< the elements after the name
    std::size_t count() const;
  };
  struct Element {
    std::uint32_t type = 0;
    std::string_view data;
  };
  void read_variables();
  std::uint32_t word(std::string_view bytes, std::size_t at) const;
  Element take(std::string_view& rest, const std::string& where) const;
  Array parse_array(std::string_view body, const std::string& where) const;
  const Array& find(const std::string& name) const;
  std::vector<Array> cells_of(const Array& array, const std::string& where) const;
  MatMatrix to_matrix(const Array& array, const std::string& where) const;
  std::string to_text(const Array& array, const std::string& where) const;

  std::string path_, bytes_;
  bool swap_ = false;                ///< the file's byte order is not the host's
  std::deque<std::string> unpacked_;  ///< of compressed variables
  std::vector<Array> arrays_;
};

}  // namespace ditmos::data
