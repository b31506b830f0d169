#pragma once
#include <gtest/gtest.h>
#include <matio.h>

#include <filesystem>
#include <string>
#include <vector>

namespace ditmos::data {

// MAT files for tests, written by libmatio, so that our parser meets another's writing.

/// One file with these variables (which are freed), compressed as MATLAB's save -v7 does.
inline void write_mat(const std::filesystem::path& path, const std::vector<matvar_t*>& variables) {
  std::filesystem::create_directories(path.parent_path());
  mat_t* mat = Mat_CreateVer(path.c_str(), nullptr, MAT_FT_MAT5);
  ASSERT_NE(mat, nullptr);
  for (matvar_t* variable : variables) {
    Mat_VarWrite(mat, variable, MAT_COMPRESSION_ZLIB);
    Mat_VarFree(variable);
  }
  Mat_Close(mat);
}

/// Column-major, as MATLAB has it.
inline matvar_t* mat_array(const char* name, std::vector<std::size_t> dims, std::vector<double> values) {
  return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, static_cast<int>(dims.size()), dims.data(), values.data(), 0);
}

inline matvar_t* mat_texts(const char* name, std::size_t rows, std::size_t columns, const std::vector<std::string>& texts) {
  std::size_t dims[2] = {rows, columns};
  matvar_t* cells = Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, dims, nullptr, 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::size_t size[2] = {1, texts[i].size()};
    Mat_VarSetCell(cells, static_cast<int>(i),
                   Mat_VarCreate(nullptr, MAT_C_CHAR, MAT_T_UTF8, 2, size, const_cast<char*>(texts[i].data()), 0));
  }
  return cells;
}

}  // namespace ditmos::data
