#pragma once
// The readers of known sets, a file each; catalogue.cpp lists them. Each throws Error naming the file.
#include <filesystem>

#include "data/dataset.hpp"
#include "data/load_options.hpp"

namespace ditmos::data {

/// Which of UniMiB-SHAR's classification problems: all 17 classes, the 9 activities, the 8 falls, or
/// activity against fall.
enum class UnimibTask { all17, activities9, falls8, binary2 };

/// acc_data.mat, acc_labels.mat, acc_names.mat: windows of 3 x 151. A trial number restarts for each subject
/// and class, so a group is one (subject, class, trial); options.group "subject" takes the whole subject.
Dataset read_unimib(const std::filesystem::path& folder, UnimibTask task, const LoadOptions& options);

/// fall_splitted_data5_folds.mat (a cell a class), fall_labels.mat, fall_names.mat: windows of 3 x 51. The
/// cells hold the rows of fall_labels of their class in order, without the last few of the last subject.
Dataset read_unimib_falls51(const std::filesystem::path& folder, const LoadOptions& options);

/// x.npy, y.npy, subject.npy: 6 x 125 at 25 Hz.
Dataset read_dsads(const std::filesystem::path& folder, const LoadOptions& options);

/// Generated motion of three axes at 50 Hz, 8 classes, 12 subjects; the signal model stands in synthetic.cpp.
Dataset make_synthetic(const LoadOptions& options);

}  // namespace ditmos::data
