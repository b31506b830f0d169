// What is known about each set. A new one: a reader (src/data/sets), an entry here, a line in catalogue().
#include "data/catalogue.hpp"
#include "data/formats/idx.hpp"
#include "data/formats/ts.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {
namespace fs = std::filesystem;
namespace {

CatalogueEntry unimib(const char* name, const char* task, UnimibTask which) {
  CatalogueEntry e;
  e.name = name;
  e.task = task;
  e.licence = "free for research; cite the article";
  e.citation = "Micucci, Mobilio, Napoletano: UniMiB SHAR. Applied Sciences 7(10):1101, 2017";
  e.layout = "acc_data.mat, acc_labels.mat, acc_names.mat";
  e.how_to_get = "download UniMiB-SHAR.zip from http://www.sal.disco.unimib.it/technologies/unimib-shar/ and give its folder data";
  e.folder = "unimib-shar";
  e.markers = {"acc_data.mat"};
  e.read = [which](const fs::path& folder, const LoadOptions& options) { return read_unimib(folder, which, options); };
  return e;
}

CatalogueEntry unimib_falls51() {
  CatalogueEntry e = unimib("unimib-shar-falls51", "8 kinds of fall, 3 x 51 at 50 Hz", UnimibTask::falls8);
  e.layout = "fall_splitted_data5_folds.mat, fall_labels.mat, fall_names.mat";
  e.folder = "unimib-shar-falls51";
  e.markers = {"fall_splitted_data5_folds.mat"};
  e.read = read_unimib_falls51;
  return e;
}

CatalogueEntry dsads() {
  CatalogueEntry e;
  e.name = "dsads";
  e.task = "19 daily and sports activities, torso and right leg, 6 x 125 at 25 Hz";
  e.licence = "CC BY 4.0 (UCI)";
  e.citation = "Altun, Barshan, Tuncel, Pattern Recognition 43(10):3605-3620, 2010";
  e.layout = "x.npy (N, 6, 125), y.npy, subject.npy";
  e.how_to_get = "download Daily and Sports Activities from the UCI archive and save columns 1-3 and 28-30 as x.npy";
  e.folder = "dsads";
  e.markers = {"x.npy"};
  e.read = read_dsads;
  return e;
}

CatalogueEntry speech_commands(const char* name, const char* task, int classes) {
  CatalogueEntry e;
  e.name = name;
  e.task = task;
  e.licence = "CC BY 4.0";
  e.citation = "Warden: Speech Commands, arXiv:1804.03209, 2018";
  e.layout = "a folder a word with NAME_nohash_N.wav, 16 kHz, one channel";
  e.how_to_get = "\"ditmos fetch speech-commands\" (2.4 GB)";
  e.folder = "speech-commands";
  e.markers = {classes == 35 ? "bed" : "yes"};
  e.files = {{"http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
              "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58", true}};
  e.read = [classes](const fs::path& folder, const LoadOptions& options) { return read_speech_commands(folder, classes, options); };
  return e;
}

CatalogueEntry bonn() {
  CatalogueEntry e;
  e.name = "eeg-bonn";
  e.task = "5 sets of EEG (healthy, interictal, seizure), 1 x 512 at 173.61 Hz";
  e.licence = "free for research; cite the article";
  e.citation = "Andrzejak et al., Phys. Rev. E 64:061907, 2001";
  e.layout = "a folder a set (A_Z .. E_S), a text file a segment, one sample a line";
  e.how_to_get = "download the five zip files from the University of Bonn's epileptology pages, a folder each";
  e.folder = "eeg-bonn";
  e.markers = {"A_Z"};
  e.read = read_bonn;
  return e;
}

CatalogueEntry uci_har() {
  CatalogueEntry e;
  e.name = "uci-har";
  e.task = "6 activities of 30 subjects, 9 x 128 at 50 Hz";
  e.licence = "CC BY 4.0 (UCI)";
  e.citation = "Anguita et al.: A public domain dataset for human activity recognition using smartphones, ESANN 2013";
  e.layout = "train/ and test/ with Inertial Signals/*.txt, y_*.txt, subject_*.txt";
  e.how_to_get = "download Human Activity Recognition Using Smartphones from the UCI archive, rename its folder to uci-har";
  e.folder = "uci-har";
  e.markers = {"train"};
  e.read = read_uci_har;
  return e;
}

CatalogueEntry usc_had() {
  CatalogueEntry e;
  e.name = "usc-had";
  e.task = "12 activities of 14 subjects, 6 x 200 at 100 Hz";
  e.licence = "free for research";
  e.citation = "Zhang, Sawchuk: USC-HAD, UbiComp 2012 workshops";
  e.layout = "Subject1 .. Subject14 with aACTIVITYtTRIAL.mat";
  e.how_to_get = "download USC-HAD.zip from the authors' page at the University of Southern California";
  e.folder = "usc-had";
  e.markers = {"Subject1"};
  e.read = read_usc_had;
  return e;
}

CatalogueEntry wisdm() {
  CatalogueEntry e;
  e.name = "wisdm";
  e.task = "6 activities of 36 subjects, 3 x 200 at 20 Hz";
  e.licence = "free for research; cite the article";
  e.citation = "Kwapisz, Weiss, Moore: Activity recognition using cell phone accelerometers, SIGKDD Explorations 12(2), 2010";
  e.layout = "WISDM_ar_v1.1_raw.txt";
  e.how_to_get = "download WISDM_ar_latest.tar.gz from the WISDM lab at Fordham University";
  e.folder = "wisdm";
  e.markers = {"WISDM_ar_v1.1_raw.txt"};
  e.read = read_wisdm;
  return e;
}

CatalogueEntry deap(const char* name, const char* task, DeapTask which) {
  CatalogueEntry e;
  e.name = name;
  e.task = task;
  e.licence = "signed licence agreement with Queen Mary University of London";
  e.citation = "Koelstra et al.: DEAP, IEEE Transactions on Affective Computing 3(1), 2012";
  e.layout = "s01.mat .. s32.mat (preprocessed for MATLAB) or s01.dat .. s32.dat (for Python)";
  e.how_to_get = "sign the licence at https://www.eecs.qmul.ac.uk/mmv/datasets/deap and unpack data_preprocessed_matlab.zip (or _python) as deap";
  e.folder = "deap";
  e.markers = {"s01.mat", "s01.dat"};
  e.read = [which](const fs::path& folder, const LoadOptions& options) { return read_deap(folder, which, options); };
  return e;
}

CatalogueEntry uea(const char* name, const char* problem, const char* task) {
  CatalogueEntry e;
  e.name = name;
  e.task = task;
  e.licence = "free for research; cite the archive";
  e.citation = "Bagnall et al.: The UEA multivariate time series classification archive, arXiv:1811.00075, 2018";
  e.layout = std::string(problem) + "_TRAIN.ts, " + problem + "_TEST.ts";
  e.how_to_get = std::string("download ") + problem + ".zip from https://www.timeseriesclassification.com";
  e.folder = "ucr";
  e.markers = {std::string(problem) + "_TRAIN.ts"};
  e.read = [problem](const fs::path& folder, const LoadOptions& options) { return read_ts_folder(folder, problem, options); };
  return e;
}

CatalogueEntry fashion_mnist() {
  CatalogueEntry e;
  e.name = "fashion-mnist";
  e.task = "10 kinds of clothing, images of 1 x 28 x 28";
  e.licence = "MIT";
  e.citation = "Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747, 2017";
  e.layout = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., also as .gz";
  e.how_to_get = "apt-get install dataset-fashion-mnist, or \"ditmos fetch fashion-mnist\"";
  const std::string from = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
  e.files = {{from + "train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", false},
             {from + "train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", false},
             {from + "t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", false},
             {from + "t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", false}};
  e.folder = "fashion-mnist";
  e.markers = {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"};
  e.read = read_fashion_mnist;
  return e;
}

CatalogueEntry mnist() {
  CatalogueEntry e;
  e.name = "mnist";
  e.task = "10 handwritten digits, images of 1 x 28 x 28";
  e.licence = "CC BY-SA 3.0";
  e.citation = "LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86(11), 1998";
  e.layout = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., also as .gz";
  e.how_to_get = "\"ditmos fetch mnist\" (12 MB)";
  const std::string from = "https://storage.googleapis.com/cvdf-datasets/mnist/";
  e.files = {{from + "train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609", false},
             {from + "train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c", false},
             {from + "t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6", false},
             {from + "t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6", false}};
  e.folder = "mnist";
  e.markers = {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"};
  e.read = read_idx_folder;
  return e;
}

CatalogueEntry cifar10() {
  CatalogueEntry e;
  e.name = "cifar-10";
  e.task = "10 kinds of object, colour images of 3 x 32 x 32";
  e.licence = "free for research; cite the report";
  e.citation = "Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009";
  e.layout = "data_batch_1.bin .. data_batch_5.bin, test_batch.bin, batches.meta.txt";
  e.how_to_get = "\"ditmos fetch cifar-10\" (170 MB)";
  e.files = {{"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
              "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", true}};
  e.folder = "cifar-10-batches-bin";
  e.markers = {"data_batch_1.bin"};
  e.read = read_cifar10;
  return e;
}

CatalogueEntry synthetic() {
  CatalogueEntry e;
  e.name = "synthetic";
  e.task = "8 motions of 12 generated subjects, 3 x 128 at 50 Hz";
  e.licence = "same as this program";
  e.citation = "none: generated from the signal model in src/data/sets/synthetic.cpp";
  e.layout = "built in, needs no files";
  e.how_to_get = "built in";
  e.read = [](const fs::path&, const LoadOptions& options) { return make_synthetic(options); };
  return e;
}

}  // namespace

const std::vector<CatalogueEntry>& catalogue() {
  static const std::vector<CatalogueEntry> entries = {
      synthetic(),
      unimib("unimib-shar", "17 activities and falls (AF-17), 3 x 151 at 50 Hz", UnimibTask::all17),
      unimib("unimib-shar-a9", "9 activities of daily living (A-9), 3 x 151 at 50 Hz", UnimibTask::activities9),
      unimib("unimib-shar-f8", "8 kinds of fall (F-8), 3 x 151 at 50 Hz", UnimibTask::falls8),
      unimib("unimib-shar-af2", "activity or fall (AF-2), 3 x 151 at 50 Hz", UnimibTask::binary2),
      unimib_falls51(),
      dsads(),
      uci_har(),
      usc_had(),
      wisdm(),
      speech_commands("speech-commands", "12 spoken commands, 10 MFCC x 49 frames of 1 s at 16 kHz", 12),
      speech_commands("speech-commands-35", "35 spoken words, 10 MFCC x 49 frames of 1 s at 16 kHz", 35),
      bonn(),
      deap("deap-valence", "low or high valence, EEG 32 x 256 at 128 Hz", DeapTask::valence),
      deap("deap-arousal", "low or high arousal, EEG 32 x 256 at 128 Hz", DeapTask::arousal),
      deap("deap-quadrants", "four quadrants of emotion, EEG 32 x 256 at 128 Hz", DeapTask::quadrants),
      uea("uwave", "UWaveGestureLibrary", "8 gestures, 3 x 315"),
      uea("basic-motions", "BasicMotions", "4 motions, 6 x 100 at 10 Hz"),
      uea("japanese-vowels", "JapaneseVowels", "9 speakers, 12 x 7 to 29 (padded)"),
      fashion_mnist(),
      mnist(),
      cifar10(),
  };
  return entries;
}

}  // namespace ditmos::data
