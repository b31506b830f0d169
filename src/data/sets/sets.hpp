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
/// cells hold the rows of fall_labels of their class in order, without the last few of the last subject. With
/// fall_test_idxs5_folds.mat, its five folds are the official split.
Dataset read_unimib_falls51(const std::filesystem::path& folder, const LoadOptions& options);

/// x.npy, y.npy, subject.npy: 6 x 125 at 25 Hz.
Dataset read_dsads(const std::filesystem::path& folder, const LoadOptions& options);

/// A folder a word of WAV clips (16 kHz, one channel, 1 s): 12 classes (ten words, _unknown_, _silence_) or
/// all 35 words; front end "mfcc" unless options say otherwise; a group is a speaker.
Dataset read_speech_commands(const std::filesystem::path& folder, int classes, const LoadOptions& options);

/// Bonn EEG: a folder a set, a text file a segment of 4097 samples at 173.61 Hz, cut into windows of 512.
Dataset read_bonn(const std::filesystem::path& folder, const LoadOptions& options);

/// Fashion-MNIST in IDX files; CIFAR-10 in its binary version (data_batch_1.bin .. 5, test_batch.bin).
Dataset read_fashion_mnist(const std::filesystem::path& folder, const LoadOptions& options);
Dataset read_cifar10(const std::filesystem::path& folder, const LoadOptions& options);

/// UCI HAR Dataset: train/ and test/ with "Inertial Signals": 9 x 128 at 50 Hz, 6 activities, official split.
Dataset read_uci_har(const std::filesystem::path& folder, const LoadOptions& options);
/// USC-HAD: SubjectN/aXtY.mat with sensor_readings (n x 6) at 100 Hz, 12 activities.
Dataset read_usc_had(const std::filesystem::path& folder, const LoadOptions& options);
/// WISDM 1.1: WISDM_ar_v1.1_raw.txt, 3 axes at 20 Hz, 6 activities; runs are cut where user, activity or time jumps.
Dataset read_wisdm(const std::filesystem::path& folder, const LoadOptions& options);

/// What DEAP's ratings become: above 5 is high; quadrants of valence and arousal.
enum class DeapTask { valence, arousal, quadrants };
/// DEAP, preprocessed: sNN.mat or the pickled sNN.dat with data (40 x 40 x 8064) and labels (40 x 4); the 32 EEG
/// channels, the mean of the 3 s baseline removed.
Dataset read_deap(const std::filesystem::path& folder, DeapTask task, const LoadOptions& options);

/// Generated motion of three axes at 50 Hz, 8 classes, 12 subjects; the signal model stands in synthetic.cpp.
Dataset make_synthetic(const LoadOptions& options);

}  // namespace ditmos::data
