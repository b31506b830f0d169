#include "data/formats/npy.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>

#include "core/error.hpp"
#include "core/file_map.hpp"
#include "data/labels.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_values = std::size_t{1} << 32;

std::size_t little_endian(std::string_view s, std::size_t at, std::size_t bytes) {
  std::size_t v = 0;
  for (std::size_t i = bytes; i-- > 0;) v = (v << 8) | static_cast<unsigned char>(s[at + i]);
  return v;
}

/// The text after 'key': in the header's Python dictionary, blanks skipped.
std::string_view value_of(std::string_view header, const char* key, const std::string& name) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    std::size_t at = header.find(quoted);
    if (at == std::string_view::npos) continue;
    at = header.find(':', at + quoted.size());
    if (at == std::string_view::npos) break;
    at = header.find_first_not_of(" \t", at + 1);
    if (at != std::string_view::npos) return header.substr(at);
  }
  throw Error(name + ": the NPY header has no \"" + key + "\"");
}

void read_type(std::string_view text, NpyArray& array, const std::string& name) {
  const std::size_t end = text.size() < 2 ? std::string_view::npos : text.find(text[0], 1);
  const std::string type(end == std::string_view::npos ? text.substr(0, 20) : text.substr(1, end - 1));
  const auto fail = [&] {
    throw Error(name + ": holds type \"" + type + "\", expected float32, float64 or an integer type",
                "convert with x.astype('float32')");
  };
  if ((text[0] != '\'' && text[0] != '"') || type.size() != 3) fail();
  array.kind = type[1];
  array.item_bytes = static_cast<std::size_t>(type[2] - '0');
  const std::string_view sizes = array.kind == 'f' ? "48" : array.kind == 'b' ? "1" : "1248";
  if (std::string_view("fiub").find(array.kind) == std::string_view::npos || sizes.find(type[2]) == std::string_view::npos)
    fail();
  if (type[0] != '<' && type[0] != '>' && type[0] != '|' && type[0] != '=') fail();
  array.swap = (type[0] == '>') == (std::endian::native == std::endian::little) && type[0] != '|' && type[0] != '=';
}

void read_shape(std::string_view text, NpyArray& array, const std::string& name) {
  const std::size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos) throw Error(name + ": the NPY shape is damaged");
  std::size_t total = 1;
  for (std::size_t i = 1; i < end;) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) {
      if (text[i] != ' ' && text[i] != ',') throw Error(name + ": the NPY shape is damaged");
      ++i;
      continue;
    }
    std::size_t n = 0;
    for (; i < end && std::isdigit(static_cast<unsigned char>(text[i])); ++i) {
      n = n * 10 + static_cast<std::size_t>(text[i] - '0');
      if (n > most_values) throw Error(name + ": the NPY shape is larger than any file");
    }
    if (n != 0 && total > most_values / n) throw Error(name + ": the NPY shape is larger than any file");
    total *= n;
    array.shape.push_back(n);
  }
}

template <class T, class Use>
void each_as(const NpyArray& a, const Use& use) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    T value;
    char bytes[sizeof(T)];
    std::memcpy(bytes, a.bytes.data() + i * sizeof(T), sizeof(T));
    if (a.swap) std::reverse(bytes, bytes + sizeof(T));
    std::memcpy(&value, bytes, sizeof(T));
    use(i, value);
  }
}

template <class Use>
void each(const NpyArray& a, const Use& use) {
  const bool is_signed = a.kind == 'i';
  if (a.kind == 'f') return a.item_bytes == 4 ? each_as<float>(a, use) : each_as<double>(a, use);
  switch (a.item_bytes) {
    case 1: return is_signed ? each_as<std::int8_t>(a, use) : each_as<std::uint8_t>(a, use);
    case 2: return is_signed ? each_as<std::int16_t>(a, use) : each_as<std::uint16_t>(a, use);
    case 4: return is_signed ? each_as<std::int32_t>(a, use) : each_as<std::uint32_t>(a, use);
    default: return is_signed ? each_as<std::int64_t>(a, use) : each_as<std::uint64_t>(a, use);
  }
}

std::string shape_text(const NpyArray& a) {
  std::string text;
  for (const std::size_t n : a.shape) text += (text.empty() ? "" : ", ") + std::to_string(n);
  return "(" + text + ")";
}

std::vector<std::int64_t> load_column(const fs::path& path, std::size_t n) {
  const FileMap file(path);
  const NpyArray a = parse_npy(file.bytes(), path.string());
  if (a.size() != n || a.shape.empty() || a.shape[0] != n)
    throw Error(path.string() + " has shape " + shape_text(a) + ", expected (" + std::to_string(n) + ") as x.npy has windows");
  return npy_integers(a, path.string());
}

}  // namespace

std::size_t NpyArray::size() const {
  std::size_t n = 1;
  for (const std::size_t dim : shape) n *= dim;
  return n;
}

NpyArray parse_npy(std::string_view file, const std::string& name) {
  if (file.size() < 10 || file.compare(0, 6, "\x93NUMPY") != 0)
    throw Error(name + " is no NPY file", "write it with numpy.save");
  const int version = static_cast<unsigned char>(file[6]);
  if (version < 1 || version > 3) throw Error(name + ": NPY version " + std::to_string(version) + ", expected 1 to 3");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  const std::size_t start = 8 + length_bytes;
  if (file.size() < start || little_endian(file, 8, length_bytes) > file.size() - start)
    throw Error(name + ": the NPY header is cut off");
  const std::size_t data = start + little_endian(file, 8, length_bytes);
  const std::string_view header = file.substr(start, data - start);
  NpyArray array;
  read_type(value_of(header, "descr", name), array, name);
  read_shape(value_of(header, "shape", name), array, name);
  if (value_of(header, "fortran_order", name).substr(0, 5) != "False" && array.shape.size() > 1)
    throw Error(name + " is stored in Fortran order, expected C order", "save numpy.ascontiguousarray(x)");
  const std::size_t needed = array.size() * array.item_bytes;
  if (file.size() - data < needed)
    throw Error(name + " is cut off: " + std::to_string(file.size() - data) + " bytes of data, expected " +
                std::to_string(needed) + " for shape " + shape_text(array));
  array.bytes = file.substr(data, needed);
  return array;
}

Values npy_floats(const NpyArray& array) {
  Values out(array.size());
  if (array.kind == 'f' && array.item_bytes == 4 && !array.swap && !out.empty()) {
    std::memcpy(out.data(), array.bytes.data(), array.bytes.size());
  } else {
    each(array, [&](std::size_t i, auto value) { out[i] = static_cast<float>(value); });
  }
  return out;
}

std::vector<std::int64_t> npy_integers(const NpyArray& array, const std::string& name) {
  std::vector<std::int64_t> out(array.size());
  each(array, [&](std::size_t i, auto value) {
    const auto number = static_cast<double>(value);
    if (!(std::abs(number) < 9e15) || number != std::floor(number))
      throw Error(name + ": entry " + std::to_string(i) + " is " + std::to_string(number) + ", expected a whole number");
    out[i] = static_cast<std::int64_t>(value);
  });
  return out;
}

Dataset read_npy_folder(const fs::path& folder, const LoadOptions&) {
  std::error_code code;
  for (const char* name : {"x.npy", "y.npy"})
    if (!fs::exists(folder / name, code))
      throw Error((folder / name).string() + " is missing", "expected x.npy and y.npy (and group.npy) in the folder");
  Dataset d;
  const FileMap file(folder / "x.npy");
  const NpyArray x = parse_npy(file.bytes(), (folder / "x.npy").string());
  const auto& shape = x.shape;
  if (shape.size() < 2 || shape.size() > 4)
    throw Error((folder / "x.npy").string() + " has shape " + shape_text(x) + ", expected (windows, channels, length)",
                "(windows, length) and (windows, channels, height, width) are read, too");
  for (std::size_t k = 1; k < shape.size(); ++k)
    if (shape[k] == 0 || shape[k] > 1'000'000)
      throw Error((folder / "x.npy").string() + " has shape " + shape_text(x) + ", expected 1 to 1000000 a dimension");
  d.channels = shape.size() == 2 ? 1 : static_cast<int>(shape[1]);
  d.height = shape.size() == 4 ? static_cast<int>(shape[2]) : 1;
  d.width = static_cast<int>(shape.back());
  d.x = npy_floats(x);
  set_labels(d, load_column(folder / "y.npy", shape[0]), read_class_names(folder / "classes.txt"),
             (folder / "y.npy").string());
  for (const char* name : {"group.npy", "subject.npy"}) {
    if (!fs::exists(folder / name, code)) continue;
    set_groups(d, load_column(folder / name, shape[0]));
    d.group_meaning = name[0] == 's' ? "subject" : "group";
    break;
  }
  d.name = fs::absolute(folder).lexically_normal().filename().string();
  d.provenance = (folder / "x.npy").string();
  return d;
}

}  // namespace ditmos::data
