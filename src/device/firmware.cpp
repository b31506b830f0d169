#include "device/firmware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/error.hpp"
#include "core/json.hpp"
#include "device/process.hpp"
#include "device/resources.hpp"
#include "device/toolchain.hpp"

namespace ditmos::device {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> sources_of(const fs::path& folder) {
  std::vector<fs::path> sources;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".c") sources.push_back(fs::absolute(entry.path()));
  std::sort(sources.begin(), sources.end());
  return sources;
}

std::vector<std::string> name_flags(const EmittedModel& model, bool sliding) {
  std::string upper = model.name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string> flags = {"-DDITMOS_HEADER=\"" + model.name + ".h\"", "-DDITMOS_NAME=" + model.name, "-DDITMOS_UPPER=" + upper,
                                    "-I" + fs::absolute(model.folder).string()};
  if (sliding) flags.push_back("-DDITMOS_SLIDING=1");
  if (model.entry != Entry::window) flags.push_back(model.entry == Entry::samples ? "-DDITMOS_FROM_SAMPLES=1" : "-DDITMOS_FROM_SAMPLES=2");
  return flags;
}

}  // namespace

EmittedModel find_emitted_model(const fs::path& folder) {
  std::error_code code;
  if (!fs::is_directory(folder, code))
    throw Error("no build folder " + folder.string(), "make one with: ditmos compile RUN --out " + folder.string());
  EmittedModel model;
  model.folder = folder;
  if (fs::exists(folder / "compile.json")) {
    const Json record = read_json(folder / "compile.json");
    if (record.is_object() && record.contains("name"))
      model.name = json_get<std::string>(record, "name", (folder / "compile.json").string());
    if (record.is_object() && record.contains("front_end") && record["front_end"].is_object())
      model.sample = json_get<std::string>(record["front_end"], "sample", (folder / "compile.json").string());
  }
  const bool named = !model.name.empty() && std::all_of(model.name.begin(), model.name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '_';
  });
  if (!named) throw Error((folder / "compile.json").string() + ": \"name\" is no C identifier: \"" + model.name + "\"");
  model.sources = sources_of(folder);
  if (!fs::exists(folder / (model.name + ".h")) || model.sources.empty())
    throw Error(folder.string() + " holds no " + model.name + ".h with its .c file",
                "make it with: ditmos compile RUN --out " + folder.string());
  return model;
}

fs::path build_firmware(const EmittedModel& model, const CoreTarget& target, const std::string& optimize,
                        const fs::path& scratch, bool sliding) {
  const std::string gcc = find_tool("arm-none-eabi-gcc").string();
  const fs::path firmware = fs::absolute(resource_folder()) / "firmware";
  std::vector<std::string> common = {gcc, "-mthumb", "-std=c99", "-ffunction-sections", "-fdata-sections", "-g0"};
  common.insert(common.end(), target.flags.begin(), target.flags.end());
  std::vector<std::string> objects;
  const auto compile = [&](const fs::path& source, const std::string& object, const std::vector<std::string>& more) {
    std::vector<std::string> argv = common;
    argv.insert(argv.end(), more.begin(), more.end());
    for (const auto& flag : name_flags(model, sliding)) argv.push_back(flag);
    argv.insert(argv.end(), {"-c", source.string(), "-o", (scratch / object).string()});
    run_checked(argv, "compile " + source.filename().string() + " for " + target.title, {scratch, 300});
    objects.push_back((scratch / object).string());
  };
  int index = 0;
  std::vector<std::string> model_flags = {optimize};
  model_flags.insert(model_flags.end(), model.flags.begin(), model.flags.end());
  for (const auto& source : model.sources) compile(source, fmt::format("ditmos_object_{}.o", index++), model_flags);
  for (const char* part : {"startup", "semihosting", "measure", "harness"})
    compile(firmware / (std::string(part) + ".c"), fmt::format("ditmos_firmware_{}.o", part),
            {"-std=gnu99", "-Os", "-ffreestanding", "-fno-tree-loop-distribute-patterns"});

  const fs::path elf = scratch / "firmware.elf";
  std::vector<std::string> argv = {gcc, "-mthumb", optimize};
  argv.insert(argv.end(), target.flags.begin(), target.flags.end());
  argv.insert(argv.end(), objects.begin(), objects.end());
  const std::pair<const char*, std::uint32_t> symbols[] = {{"ditmos_code_origin", target.code_origin},
                                                           {"ditmos_code_bytes", target.code_bytes},
                                                           {"ditmos_data_origin", target.data_origin},
                                                           {"ditmos_data_bytes", target.data_bytes},
                                                           {"ditmos_stack_bytes", target.stack_bytes}};
  for (const auto& [symbol, value] : symbols) argv.push_back(fmt::format("-Wl,--defsym={}={:#x}", symbol, value));
  argv.insert(argv.end(), {"-nostartfiles", "-T", (firmware / "link.ld").string(), "-Wl,--gc-sections",
                           "-Wl,--no-warn-rwx-segments", "-o", elf.string(), "-Wl,--start-group", "-lm", "-lc", "-lgcc",
                           "-Wl,--end-group"});
  try {
    run_checked(argv, "link the firmware for " + target.title, {scratch, 300});
  } catch (const Error& e) {
    if (std::string(e.what()).find("overflowed by") == std::string::npos) throw;
    throw Error(fmt::format("the model does not fit the emulated {} ({}: {} KiB code, {} KiB RAM):\n{}", target.title,
                            target.machine, target.code_bytes / 1024, target.data_bytes / 1024, e.what()),
                "simulate on another core, or compile with a smaller budget");
  }
  return elf;
}

fs::path build_host_program(const EmittedModel& model, const fs::path& scratch, bool sliding) {
  const fs::path firmware = fs::absolute(resource_folder()) / "firmware";
  const fs::path program = scratch / "host_model";
  std::vector<std::string> argv = {find_tool("gcc").string(), "-std=c99", "-O2", "-ffp-contract=off",
                                   "-ffunction-sections", "-Wl,--gc-sections"};
  for (const auto& flag : name_flags(model, sliding)) argv.push_back(flag);
  argv.insert(argv.end(), model.flags.begin(), model.flags.end());
  for (const auto& source : model.sources) argv.push_back(source.string());
  argv.insert(argv.end(), {(firmware / "harness.c").string(), (firmware / "host.c").string(), "-o", program.string(), "-lm"});
  run_checked(argv, "compile the model for the host", {scratch, 300});
  return program;
}

}  // namespace ditmos::device
