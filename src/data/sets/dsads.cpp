#include "data/formats/npy.hpp"
#include "data/sets/sets.hpp"

namespace ditmos::data {

Dataset read_dsads(const std::filesystem::path& folder, const LoadOptions& options) {
  Dataset d = read_npy_folder(folder, options);
  d.rate_hz = 25;
  d.unit = "m/s^2";
  if (d.channels == 6) d.channel_names = {"torso x", "torso y", "torso z", "right leg x", "right leg y", "right leg z"};
  if (d.classes.size() == 19)
    d.classes = {"sitting", "standing", "lying on back", "lying on right side", "ascending stairs", "descending stairs",
                 "standing in lift", "moving in lift", "walking in parking lot", "walking flat on treadmill",
                 "walking inclined on treadmill", "running on treadmill", "stepper", "cross trainer",
                 "cycling horizontal", "cycling vertical", "rowing", "jumping", "playing basketball"};
  d.group_meaning = "subject";
  d.provenance += "; Altun, Barshan, Tuncel, Pattern Recognition 43(10), 2010";
  return d;
}

}  // namespace ditmos::data
