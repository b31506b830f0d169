#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::data {

/// A real matrix of a MAT file, as MATLAB stores it: value (r, c) at values[c * rows + r].
struct MatMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<double> values;
  double at(std::size_t r, std::size_t c) const { return values[c * rows + r]; }
};

/// Read access to a MATLAB file (levels 4 and 5; 7.3 where matio was built with HDF5). Every function throws
/// Error naming the file and the variable.
class MatFile {
 public:
  explicit MatFile(const std::filesystem::path& path);
  ~MatFile();
  MatFile(const MatFile&) = delete;
  MatFile& operator=(const MatFile&) = delete;

  /// A numeric or logical 2-D array; arrays of more dimensions are folded to rows x the rest.
  MatMatrix matrix(const std::string& name) const;
  /// The dimensions of a numeric array, outermost first as MATLAB says them.
  std::vector<std::size_t> shape(const std::string& name) const;
  /// The matrices of a cell array, column by column.
  std::vector<MatMatrix> matrix_cells(const std::string& name) const;
  /// The strings of a cell array: strings[column * rows + row]; `rows` gets the number of rows.
  std::vector<std::string> string_cells(const std::string& name, std::size_t& rows) const;

 private:
  std::string path_;
  void* file_;
};

}  // namespace ditmos::data
