#include "compile/front_end.hpp"

#include <fmt/format.h>

#include "core/error.hpp"

namespace ditmos::compile {

std::shared_ptr<const frontend::FrontEnd> import_front_end(const model::Bundle& bundle) {
  if (bundle.front_end.is_null()) return nullptr;
  const auto front_end = std::make_shared<const frontend::FrontEnd>(frontend::parse_settings(bundle.front_end, "the manifest's front end"));
  if (front_end->channels() != bundle.channels || front_end->height() != bundle.height || front_end->width() != bundle.width)
    throw Error(fmt::format("the manifest's front end gives {} x {} x {}, its input has {} x {} x {}", front_end->channels(), front_end->height(), front_end->width(), bundle.channels,
                            bundle.height, bundle.width),
                "\"front_end\": null compiles the networks alone");
  return front_end;
}

}  // namespace ditmos::compile
