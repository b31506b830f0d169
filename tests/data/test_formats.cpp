#include <gtest/gtest.h>

#include <cstring>

#include "core/file.hpp"
#include "data/catalogue.hpp"
#include "data/error_text.hpp"
#include "data/formats/idx.hpp"
#include "data/formats/npy.hpp"
#include "data/formats/pickle.hpp"
#include "data/formats/ts.hpp"
#include "temp_folder.hpp"

namespace ditmos::data {
namespace {

std::string npy(const std::string& header, const std::string& data, int version = 1) {
  std::string text = header + "\n";
  std::string file = "\x93NUMPY";
  file += static_cast<char>(version);
  file += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) file += static_cast<char>(text.size() >> (8 * i));
  return file + text + data;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  std::string out(values.size() * sizeof(T), '\0');
  std::memcpy(out.data(), values.data(), out.size());
  return out;
}

TEST(Npy, EveryVersionAndType) {
  const std::string f4 = bytes_of(std::vector<float>{1, 2, 3, 4, 5, 6});
  for (int version = 1; version <= 3; ++version) {
    const std::string file = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", f4, version);
    const NpyArray a = parse_npy(file, "t");
    EXPECT_EQ(a.shape, (std::vector<std::size_t>{3, 2}));
    EXPECT_EQ(npy_floats(a), (Values{1, 2, 3, 4, 5, 6}));
  }
  const auto header = [](const std::string& type) {
    return "{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }";
  };
  EXPECT_EQ(npy_floats(parse_npy(npy(header("<f8"), bytes_of(std::vector<double>{1.5, -2})), "t")), (Values{1.5, -2}));
  EXPECT_EQ(npy_integers(parse_npy(npy(header("<i8"), bytes_of(std::vector<std::int64_t>{-3, 7})), "t"), "t"),
            (std::vector<std::int64_t>{-3, 7}));
  EXPECT_EQ(npy_integers(parse_npy(npy(header("|u1"), bytes_of(std::vector<std::uint8_t>{200, 7})), "t"), "t"),
            (std::vector<std::int64_t>{200, 7}));
  EXPECT_EQ(npy_integers(parse_npy(npy(header(">i2"), std::string("\x01\x02\x00\x05", 4)), "t"), "t"),
            (std::vector<std::int64_t>{258, 5}));
  EXPECT_EQ(npy_floats(parse_npy(npy(header(">f4"), std::string("\x3f\x80\x00\x00\xc0\x00\x00\x00", 8)), "t")), (Values{1, -2}));
}

TEST(Npy, BadInputIsOneSentence) {
  const std::string data = bytes_of(std::vector<float>{1, 2});
  EXPECT_EQ(message_of([] { parse_npy("hello", "t"); }), "t is no NPY file");
  EXPECT_NE(message_of([&] { parse_npy(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", data), "t"); })
                .find("Fortran order"), std::string::npos);
  EXPECT_NE(message_of([&] { parse_npy(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", data), "t"); })
                .find("type \"<c8\""), std::string::npos);
  EXPECT_NE(message_of([&] { parse_npy(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", data), "t"); })
                .find("type \"|O\""), std::string::npos);
  EXPECT_EQ(message_of([&] { parse_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", data), "t"); }),
            "t is cut off: 8 bytes of data, expected 12 for shape (3)");
  EXPECT_NE(message_of([&] { parse_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967295, 4294967295)}", data), "t"); })
                .find("larger than any file"), std::string::npos);
  EXPECT_NE(message_of([&] { parse_npy(npy("{'descr': '<f4'}", data), "t"); }).find("has no \"shape\""), std::string::npos);
  EXPECT_NE(message_of([&] { parse_npy(npy("x", data, 4), "t"); }).find("NPY version 4"), std::string::npos);
  EXPECT_NE(message_of([&] { npy_integers(parse_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
                                                        bytes_of(std::vector<float>{1.5f})), "t"), "t"); })
                .find("expected a whole number"), std::string::npos);
}

TEST(Npy, AFolderBecomesADataset) {
  TempFolder folder;
  const auto write = [&](const char* name, const std::string& file) { write_file_atomic(folder.path() / name, file); };
  write("x.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 2)}", bytes_of(std::vector<float>(12, 1.0f))));
  write("y.npy", npy("{'descr': '<i4', 'fortran_order': False, 'shape': (3,)}", bytes_of(std::vector<std::int32_t>{4, 2, 4})));
  write("group.npy", npy("{'descr': '<i4', 'fortran_order': False, 'shape': (3,)}", bytes_of(std::vector<std::int32_t>{9, 9, 8})));
  const Dataset d = load_path(folder.path());
  EXPECT_EQ(d.classes, (std::vector<std::string>{"2", "4"}));
  EXPECT_EQ(d.y, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(d.group, (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(d.channels, 2);
  write("classes.txt", "a\nb\nc\n");
  EXPECT_NE(message_of([&] { load_path(folder.path()); }).find("label 0 is 4, expected 0 to 2"), std::string::npos);
  write("y.npy", npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}", bytes_of(std::vector<std::int32_t>{0, 1})));
  EXPECT_NE(message_of([&] { load_path(folder.path()); }).find("expected (3)"), std::string::npos);
}

const std::string ts_head = "#comment\n@problemName Demo\n@timeStamps false\n@univariate false\n@dimensions 2\n"
                            "@classLabel true up down\n@data\n";

TEST(Ts, EqualLengthAndClassesInDeclaredOrder) {
  const TsFile f = parse_ts(ts_head + "1,2,3:4,5,6:down\r\n7,8,9:1,1,1:up\n", "t.ts");
  EXPECT_EQ(f.problem, "Demo");
  EXPECT_EQ(f.classes, (std::vector<std::string>{"up", "down"}));
  EXPECT_EQ(f.series[0], (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(f.labels, (std::vector<std::string>{"down", "up"}));
}

TEST(Ts, UnequalLengthIsPaddedOrCut) {
  TempFolder folder;
  write_file_atomic(folder.path() / "D_TRAIN.ts", ts_head + "1,2,3:4,5,6:up\n7,8:9,10:down\n");
  write_file_atomic(folder.path() / "D_TEST.ts", ts_head + "5:6:down\n");
  const Dataset d = load_path(folder.path());
  EXPECT_EQ(d.width, 3);
  EXPECT_EQ(d.x, (Values{1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 10, 5, 5, 5, 6, 6, 6}));
  EXPECT_EQ(d.official, (std::vector<std::int8_t>{0, 0, 1}));
  LoadOptions options;
  options.length = 2;
  EXPECT_EQ(load_path(folder.path() / "D_TRAIN.ts", options).x, (Values{1, 2, 4, 5, 7, 8, 9, 10, 5, 5, 6, 6}));
}

TEST(Ts, MissingValuesAreInterpolated) {
  const TsFile f = parse_ts(ts_head + "?,2,?,?,5:1,?,?:up\n", "t.ts");
  EXPECT_EQ(f.series[0], (std::vector<float>{2, 2, 3, 4, 5, 1, 1, 1, 1, 1}));
  EXPECT_EQ(message_of([] { parse_ts(ts_head + "?,?:1,2:up\n", "t.ts"); }),
            "t.ts: line 8: every value of a dimension is missing");
}

TEST(Ts, BadInputIsOneSentence) {
  EXPECT_EQ(message_of([] { parse_ts(ts_head + "1:2:left\n", "t.ts"); }),
            "t.ts: line 8 has class \"left\", which @classLabel does not declare");
  EXPECT_EQ(message_of([] { parse_ts(ts_head + "1:up\n", "t.ts"); }),
            "t.ts: line 8 has 1 dimensions and a label, expected 2");
  EXPECT_NE(message_of([] { parse_ts(ts_head + "1,b:2,3:up\n", "t.ts"); }).find("has \"b\", expected a number"), std::string::npos);
  EXPECT_NE(message_of([] { parse_ts("@timeStamps true\n", "t.ts"); }).find("time stamps"), std::string::npos);
  EXPECT_NE(message_of([] { parse_ts("@data\n1:a\n", "t.ts"); }).find("data before @classLabel"), std::string::npos);
  EXPECT_NE(message_of([] { parse_ts(ts_head, "t.ts"); }).find("has no cases"), std::string::npos);
}

std::string idx(const std::vector<int>& shape, const std::string& data) {
  std::string file("\0\0\x08", 3);
  file += static_cast<char>(shape.size());
  for (const int n : shape)
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(n >> shift);
  return file + data;
}

TEST(Idx, AFolderOfFourFiles) {
  TempFolder folder;
  const auto write = [&](const char* name, const std::string& file) { write_file_atomic(folder.path() / name, file); };
  write("train-images-idx3-ubyte", idx({2, 2, 2}, std::string("\0\xff\0\xff\0\0\0\0", 8)));
  write("train-labels-idx1-ubyte", idx({2}, std::string("\0\1", 2)));
  write("t10k-images-idx3-ubyte", idx({1, 2, 2}, std::string(4, '\xff')));
  write("t10k-labels-idx1-ubyte", idx({1}, std::string("\1", 1)));
  const Dataset d = load_path(folder.path());
  EXPECT_EQ(d.height, 2);
  EXPECT_EQ(d.official, (std::vector<std::int8_t>{0, 0, 1}));
  EXPECT_EQ(d.x, (Values{0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1}));
  write("t10k-labels-idx1-ubyte", idx({2}, std::string("\1\1", 2)));
  EXPECT_NE(message_of([&] { load_path(folder.path()); }).find("2 labels for 1 images"), std::string::npos);
}

TEST(Idx, BadInputIsOneSentence) {
  EXPECT_NE(message_of([] { parse_idx("abcd", "t"); }).find("magic number"), std::string::npos);
  EXPECT_NE(message_of([] { parse_idx(std::string("\0\0\x0d\1\0\0\0\1", 8), "t"); }).find("IDX type 13"), std::string::npos);
  EXPECT_EQ(message_of([] { parse_idx(idx({3}, "ab"), "t"); }), "t has 2 bytes of data, expected 3");
  EXPECT_NE(message_of([] { parse_idx(idx({-1, -1, -1}, ""), "t"); }).find("claims more"), std::string::npos);
}

TEST(Cifar, ReadsRecordsAndRefusesOddSizes) {
  TempFolder folder;
  std::string record(3073, '\xff');
  record[0] = 3;
  std::string all;
  for (int c = 0; c < 10; ++c) all += static_cast<char>(c) + std::string(3072, '\0');
  write_file_atomic(folder.path() / "data_batch_1.bin", all);
  write_file_atomic(folder.path() / "test_batch.bin", record);
  const Dataset d = load_dataset("cifar-10", folder.path());
  EXPECT_EQ(d.size(), 11u);
  EXPECT_EQ(d.classes[3], "cat");
  EXPECT_EQ(d.x.back(), 1.0f);
  write_file_atomic(folder.path() / "test_batch.bin", record.substr(1));
  EXPECT_NE(message_of([&] { load_dataset("cifar-10", folder.path()); }).find("multiple of 3073"), std::string::npos);
}

const std::string pickle_array_head = "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK" + std::string(1, '\0') + "\x85U\x01" "b\x87R";
const std::string pickle_type = std::string("cnumpy\ndtype\nU\x02") + "f8K" + std::string(1, '\0') + "K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK" +
                                std::string(1, '\0') + "tb";

std::string pickle_of(const std::vector<double>& values, char rows, char columns) {
  const std::string data = bytes_of(values);
  return "\x80\x02}(U\x01" "d" + pickle_array_head + "(K\x01K" + rows + "K" + columns + "\x86" + pickle_type + "\x89U" +
         static_cast<char>(data.size()) + data + "tbu.";
}

TEST(Pickle, ADictionaryOfArraysAsPython2WroteIt) {
  const auto arrays = parse_pickled_arrays(pickle_of({1, 2, 3, 4, 5, 6}, 2, 3), "t");
  ASSERT_EQ(arrays.size(), 1u);
  EXPECT_EQ(arrays.at("d").shape, (std::vector<std::size_t>{2, 3}));
  EXPECT_EQ(arrays.at("d").values, (std::vector<double>{1, 2, 3, 4, 5, 6}));
}

TEST(Pickle, NothingElseIsRun) {
  EXPECT_NE(message_of([] { parse_pickled_arrays("cos\nsystem\n(U\x04trueto.", "t"); }).find("asks for \"os.system\""), std::string::npos);
  EXPECT_NE(message_of([] { parse_pickled_arrays("cbuiltins\neval\n.", "t"); }).find("asks for \"builtins.eval\""), std::string::npos);
  EXPECT_NE(message_of([] { parse_pickled_arrays("\x80\x02K\x01.", "t"); }).find("holds no dictionary"), std::string::npos);
  EXPECT_NE(message_of([] { parse_pickled_arrays("\x80\x02I1\n.", "t"); }).find("an operation that is not known"), std::string::npos);
  EXPECT_NE(message_of([] { parse_pickled_arrays(pickle_of({1, 2, 3}, 2, 2), "t"); }).find("another size than its shape"), std::string::npos);
  const std::string whole = pickle_of({1, 2}, 1, 2);
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_NE(message_of([&] { parse_pickled_arrays(whole.substr(0, n), "t"); }), "") << n;
}

TEST(Recognise, UnknownFolderListsTheFormats) {
  TempFolder folder;
  EXPECT_NE(message_of([&] { load_path(folder.path()); }).find("in no known format"), std::string::npos);
  EXPECT_NE(hint_of([&] { load_path(folder.path()); }).find("x.npy and y.npy"), std::string::npos);
}

}  // namespace
}  // namespace ditmos::data
