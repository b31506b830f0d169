#include "data/formats/mat.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/compressed.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 32;
constexpr std::size_t header_bytes = 128;

enum Type : std::uint32_t {
  mi_int8 = 1, mi_uint8, mi_int16, mi_uint16, mi_int32, mi_uint32, mi_single,
  mi_double = 9, mi_int64 = 12, mi_uint64, mi_matrix, mi_compressed, mi_utf8, mi_utf16
};
constexpr int class_cell = 1, class_char = 4, class_double = 6, class_uint64 = 15;

[[noreturn]] void damaged(const std::string& where) { throw Error(where + " is damaged or cut off", "get the file again"); }

template <class T>
T value_at(std::string_view data, std::size_t i, bool swap) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, data.data() + i * sizeof(T), sizeof(T));
  if (swap) std::reverse(bytes, bytes + sizeof(T));
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

template <class T>
void convert(std::string_view data, std::size_t n, bool swap, const std::string& where, std::vector<double>& out) {
  if (data.size() / sizeof(T) != n) damaged(where);
  out.resize(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<double>(value_at<T>(data, i, swap));
}

}  // namespace

std::size_t MatFile::Array::count() const {
  std::size_t n = 1;
  for (const std::size_t dim : dims) n *= dim;
  return n;
}

MatFile::MatFile(const std::filesystem::path& path) : path_(path.string()), bytes_(read_file_limited(path, most_bytes)) {
  read_variables();
}

MatFile::MatFile(std::string bytes, std::string name) : path_(std::move(name)), bytes_(std::move(bytes)) { read_variables(); }

void MatFile::read_variables() {
  const std::string_view all = bytes_;
  if (all.size() >= header_bytes && all.substr(0, 4) == "MATL" && all.find("7.3 MAT-file") != std::string_view::npos)
    throw Error(path_ + " is a MATLAB file of version 7.3, expected version 7 or older", "save it with: save -v7");
  const std::string_view mark = all.size() >= header_bytes ? all.substr(126, 2) : std::string_view();
  const bool little = mark == "IM";
  if (!little && mark != "MI") throw Error(path_ + " is no MATLAB file", "expected a .mat file as MATLAB's save -v7 writes it");
  swap_ = little != (std::endian::native == std::endian::little);
  for (std::string_view rest = all.substr(header_bytes); !rest.empty();) {
    Element e = take(rest, path_);
    if (e.type == mi_compressed) {
      unpacked_.push_back(inflate(e.data, path_, most_bytes));
      std::string_view inner = unpacked_.back();
      e = take(inner, path_);
    }
    if (e.type == mi_matrix && !e.data.empty()) arrays_.push_back(parse_array(e.data, path_));
  }
}

std::uint32_t MatFile::word(std::string_view bytes, std::size_t at) const {
  return value_at<std::uint32_t>(bytes.substr(at, 4), 0, swap_);
}

/// One element off the front of `rest`: a tag of type and bytes, then data up to a multiple of eight; or a
/// small one, bytes and type in one word and up to four bytes of data. Compressed ones are not padded.
MatFile::Element MatFile::take(std::string_view& rest, const std::string& where) const {
  if (rest.size() < 8) damaged(where);
  const std::uint32_t first = word(rest, 0);
  if (first >> 16 != 0) {
    const std::uint32_t size = first >> 16;
    if (size > 4) damaged(where);
    const Element small{first & 0xffff, rest.substr(4, size)};
    rest.remove_prefix(8);
    return small;
  }
  const std::size_t size = word(rest, 4);
  rest.remove_prefix(8);
  if (size > rest.size()) damaged(where);
  const Element element{first, rest.substr(0, size)};
  const std::size_t padded = first == mi_compressed ? size : (size + 7) / 8 * 8;
  rest.remove_prefix(std::min(padded, rest.size()));
  return element;
}

MatFile::Array MatFile::parse_array(std::string_view body, const std::string& where) const {
  Array array;
  const Element flags = take(body, where);
  if (flags.type != mi_uint32 || flags.data.size() != 8) damaged(where);
  array.kind = static_cast<int>(word(flags.data, 0) & 0xff);
  array.complex = (word(flags.data, 0) & 0x800) != 0;
  const Element dims = take(body, where);
  if (dims.type != mi_int32 || dims.data.size() < 8 || dims.data.size() % 4 != 0) damaged(where);
  std::size_t total = 1;
  for (std::size_t at = 0; at < dims.data.size(); at += 4) {
    const std::size_t n = word(dims.data, at);
    if (n != 0 && total > most_bytes / n) throw Error(where + " has an array that claims more than " + std::to_string(most_bytes) + " values");
    total *= n;
    array.dims.push_back(n);
  }
  array.name = take(body, where).data;
  array.body = body;
  return array;
}

const MatFile::Array& MatFile::find(const std::string& name) const {
  std::string have;
  for (const Array& array : arrays_) {
    if (array.name == name) return array;
    have.append(have.empty() ? "" : ", ").append(array.name);
  }
  throw Error(path_ + " has no variable \"" + name + "\"", have.empty() ? "the file has no variables" : "its variables: " + have);
}

MatMatrix MatFile::to_matrix(const Array& array, const std::string& where) const {
  if (array.kind < class_double || array.kind > class_uint64) throw Error(where + " is no numeric array");
  if (array.complex) throw Error(where + " is complex, expected real numbers");
  MatMatrix m;
  m.rows = array.dims[0];
  const std::size_t n = array.count();
  if (n == 0) return m;
  m.columns = n / m.rows;
  std::string_view rest = array.body;
  const Element e = take(rest, where);
  switch (e.type) {
    case mi_int8: convert<std::int8_t>(e.data, n, swap_, where, m.values); break;
    case mi_uint8: convert<std::uint8_t>(e.data, n, swap_, where, m.values); break;
    case mi_int16: convert<std::int16_t>(e.data, n, swap_, where, m.values); break;
    case mi_uint16: convert<std::uint16_t>(e.data, n, swap_, where, m.values); break;
    case mi_int32: convert<std::int32_t>(e.data, n, swap_, where, m.values); break;
    case mi_uint32: convert<std::uint32_t>(e.data, n, swap_, where, m.values); break;
    case mi_single: convert<float>(e.data, n, swap_, where, m.values); break;
    case mi_double: convert<double>(e.data, n, swap_, where, m.values); break;
    case mi_int64: convert<std::int64_t>(e.data, n, swap_, where, m.values); break;
    case mi_uint64: convert<std::uint64_t>(e.data, n, swap_, where, m.values); break;
    default: damaged(where);
  }
  return m;
}

std::string MatFile::to_text(const Array& array, const std::string& where) const {
  if (array.kind != class_char) throw Error(where + " is no text");
  if (array.count() == 0) return {};
  std::string_view rest = array.body;
  const Element e = take(rest, where);
  if (e.type != mi_uint16 && e.type != mi_utf16) return std::string(e.data);
  std::string text;
  for (std::size_t i = 0; i < e.data.size() / 2; ++i) {
    const auto code = value_at<std::uint16_t>(e.data, i, swap_);
    text.push_back(code < 0x80 ? static_cast<char>(code) : '?');
  }
  return text;
}

std::vector<MatFile::Array> MatFile::cells_of(const Array& array, const std::string& where) const {
  if (array.kind != class_cell) throw Error(where + " is no cell array");
  std::vector<Array> cells;
  std::string_view rest = array.body;
  for (std::size_t i = 0; i < array.count(); ++i) {
    const Element e = take(rest, where);
    const std::string cell = where + "{" + std::to_string(i + 1) + "}";
    if (e.type != mi_matrix) damaged(cell);
    if (e.data.empty()) throw Error(cell + " is empty");
    cells.push_back(parse_array(e.data, cell));
  }
  return cells;
}

MatMatrix MatFile::matrix(const std::string& name) const { return to_matrix(find(name), path_ + ": " + name); }

std::vector<std::size_t> MatFile::shape(const std::string& name) const { return find(name).dims; }

std::vector<MatMatrix> MatFile::matrix_cells(const std::string& name) const {
  const std::string where = path_ + ": " + name;
  std::vector<MatMatrix> out;
  for (const Array& cell : cells_of(find(name), where)) out.push_back(to_matrix(cell, where + "{" + std::to_string(out.size() + 1) + "}"));
  return out;
}

std::vector<std::string> MatFile::string_cells(const std::string& name, std::size_t& rows) const {
  const std::string where = path_ + ": " + name;
  const Array& array = find(name);
  rows = array.dims[0];
  std::vector<std::string> out;
  for (const Array& cell : cells_of(array, where)) out.push_back(to_text(cell, where + "{" + std::to_string(out.size() + 1) + "}"));
  return out;
}

}  // namespace ditmos::data
