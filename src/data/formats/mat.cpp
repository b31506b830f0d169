#include "data/formats/mat.hpp"

#include <matio.h>

#include <array>
#include <fstream>
#include <memory>

#include "core/error.hpp"
#include "core/file.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_values = std::size_t{1} << 31;

struct FreeVariable {
  void operator()(matvar_t* v) const { Mat_VarFree(v); }
};
using Variable = std::unique_ptr<matvar_t, FreeVariable>;

std::size_t count_values(const matvar_t* v, const std::string& where) {
  if (v->rank < 2 || !v->dims) throw Error(where + " has no two dimensions");
  std::size_t n = 1;
  for (int k = 0; k < v->rank; ++k) {
    const std::size_t dim = v->dims[k];
    if (dim != 0 && n > most_values / dim) throw Error(where + " claims more than " + std::to_string(most_values) + " values");
    n *= dim;
  }
  return n;
}

Variable read_variable(void* file, const std::string& path, const std::string& name) {
  auto* mat = static_cast<mat_t*>(file);
  Variable info(Mat_VarReadInfo(mat, name.c_str()));
  if (!info) {
    std::size_t n = 0;
    char* const* names = Mat_GetDir(mat, &n);
    std::string have;
    for (std::size_t i = 0; names && i < n && i < 8; ++i) have += (have.empty() ? "" : ", ") + std::string(names[i]);
    throw Error(path + " has no variable \"" + name + "\"",
                have.empty() ? "the file has no variables" : "its variables: " + have);
  }
  count_values(info.get(), path + ": " + name);
  Variable whole(Mat_VarRead(mat, name.c_str()));
  if (!whole || (!whole->data && count_values(whole.get(), path + ": " + name) != 0))
    throw Error(path + ": variable \"" + name + "\" is damaged or cut off", "get the file again");
  return whole;
}

template <class T>
void convert(const matvar_t* v, std::size_t n, const std::string& where, std::vector<double>& out) {
  if (v->nbytes / sizeof(T) < n) throw Error(where + " is cut off");
  const T* from = static_cast<const T*>(v->data);
  out.assign(from, from + n);
}

MatMatrix to_matrix(const matvar_t* v, const std::string& where) {
  if (v->isComplex) throw Error(where + " is complex, expected real numbers");
  const std::size_t n = count_values(v, where);
  MatMatrix m;
  m.rows = v->dims[0];
  m.columns = m.rows == 0 ? 0 : n / m.rows;
  if (n == 0) return m;
  if (!v->data) throw Error(where + " is damaged or cut off", "get the file again");
  switch (v->class_type) {
    case MAT_C_DOUBLE: case MAT_C_SINGLE: case MAT_C_INT8: case MAT_C_UINT8: case MAT_C_INT16: case MAT_C_UINT16:
    case MAT_C_INT32: case MAT_C_UINT32: case MAT_C_INT64: case MAT_C_UINT64: break;
    default: throw Error(where + " is no numeric array");
  }
  switch (v->data_type) {
    case MAT_T_DOUBLE: convert<double>(v, n, where, m.values); break;
    case MAT_T_SINGLE: convert<float>(v, n, where, m.values); break;
    case MAT_T_INT8: convert<std::int8_t>(v, n, where, m.values); break;
    case MAT_T_UINT8: convert<std::uint8_t>(v, n, where, m.values); break;
    case MAT_T_INT16: convert<std::int16_t>(v, n, where, m.values); break;
    case MAT_T_UINT16: convert<std::uint16_t>(v, n, where, m.values); break;
    case MAT_T_INT32: convert<std::int32_t>(v, n, where, m.values); break;
    case MAT_T_UINT32: convert<std::uint32_t>(v, n, where, m.values); break;
    case MAT_T_INT64: convert<std::int64_t>(v, n, where, m.values); break;
    case MAT_T_UINT64: convert<std::uint64_t>(v, n, where, m.values); break;
    default: throw Error(where + " holds a type that is not read (" + std::to_string(v->data_type) + ")");
  }
  return m;
}

std::string to_string(const matvar_t* v, const std::string& where) {
  if (v->class_type != MAT_C_CHAR) throw Error(where + " is no text");
  const std::size_t n = count_values(v, where);
  const std::size_t unit = n == 0 || !v->data ? 0 : v->nbytes / n;
  std::string text;
  for (std::size_t i = 0; unit != 0 && i < n; ++i) {
    std::uint32_t code = static_cast<const std::uint8_t*>(v->data)[i * unit];
    if (unit == 2) code = static_cast<const std::uint16_t*>(v->data)[i];
    text.push_back(code < 0x80 ? static_cast<char>(code) : '?');
  }
  return text;
}

/// matio takes what a cut-off level 5 file still has for the whole, so the sizes that its elements claim
/// (a tag of type and bytes each, after 128 bytes of header) are held against the file first.
void check_elements(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::array<unsigned char, 128> header{};
  in.read(reinterpret_cast<char*>(header.data()), header.size());
  const bool little = header[126] == 'I' && header[127] == 'M';
  const bool big = header[126] == 'M' && header[127] == 'I';
  if (!in || (!little && !big) || header[little ? 125 : 124] != 1) return;
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  for (std::uintmax_t at = 128; at < size;) {
    std::array<unsigned char, 8> tag{};
    in.seekg(static_cast<std::streamoff>(at));
    in.read(reinterpret_cast<char*>(tag.data()), tag.size());
    std::uintmax_t bytes = 0;
    for (std::size_t i = 0; i < 4; ++i) bytes = bytes << 8 | tag[little ? 7 - i : 4 + i];
    if (!in || bytes > size - at - 8) throw Error(path + " is damaged or cut off", "get the file again");
    at += 8 + bytes;
  }
}

}  // namespace

MatFile::MatFile(const std::filesystem::path& path) : path_(path.string()) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) throw Error("no such file: " + path_, "check the path");
  check_elements(path_);
  file_ = Mat_Open(path_.c_str(), MAT_ACC_RDONLY);
  if (!file_) throw Error(path_ + " is no MATLAB file", "expected a .mat file as MATLAB's save writes it");
}

MatFile::~MatFile() { Mat_Close(static_cast<mat_t*>(file_)); }

MatMatrix MatFile::matrix(const std::string& name) const {
  return to_matrix(read_variable(file_, path_, name).get(), path_ + ": " + name);
}

std::vector<std::size_t> MatFile::shape(const std::string& name) const {
  Variable info(Mat_VarReadInfo(static_cast<mat_t*>(file_), name.c_str()));
  if (!info) throw Error(path_ + " has no variable \"" + name + "\"");
  count_values(info.get(), path_ + ": " + name);
  return {info->dims, info->dims + info->rank};
}

std::vector<MatMatrix> MatFile::matrix_cells(const std::string& name) const {
  const std::string where = path_ + ": " + name;
  const Variable v = read_variable(file_, path_, name);
  if (v->class_type != MAT_C_CELL) throw Error(where + " is no cell array");
  std::vector<MatMatrix> cells;
  const std::size_t n = count_values(v.get(), where);
  if (v->nbytes / sizeof(matvar_t*) < n) throw Error(where + " is cut off");
  for (std::size_t i = 0; i < n; ++i) {
    const matvar_t* cell = static_cast<matvar_t**>(v->data)[i];
    const std::string cell_where = where + "{" + std::to_string(i + 1) + "}";
    if (!cell) throw Error(cell_where + " is empty");
    cells.push_back(to_matrix(cell, cell_where));
  }
  return cells;
}

std::vector<std::string> MatFile::string_cells(const std::string& name, std::size_t& rows) const {
  const std::string where = path_ + ": " + name;
  const Variable v = read_variable(file_, path_, name);
  if (v->class_type != MAT_C_CELL) throw Error(where + " is no cell array");
  const std::size_t n = count_values(v.get(), where);
  if (v->nbytes / sizeof(matvar_t*) < n) throw Error(where + " is cut off");
  rows = v->dims[0];
  std::vector<std::string> strings;
  for (std::size_t i = 0; i < n; ++i) {
    const matvar_t* cell = static_cast<matvar_t**>(v->data)[i];
    const std::string cell_where = where + "{" + std::to_string(i + 1) + "}";
    if (!cell) throw Error(cell_where + " is empty");
    strings.push_back(to_string(cell, cell_where));
  }
  return strings;
}

}  // namespace ditmos::data
