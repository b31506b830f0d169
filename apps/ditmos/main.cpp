#include <cstdio>
#include <exception>
#include <new>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/interrupt.hpp"
#include "core/names.hpp"
#include "core/progress.hpp"
#include "verbs.hpp"

namespace {

/// "hint: did you mean ..." for an unknown verb, or an unknown option of a known one.
void suggest(const CLI::App& app, int argc, char** argv) {
  std::vector<std::string> verbs, options;
  const CLI::App* verb = nullptr;
  for (const CLI::App* sub : app.get_subcommands({})) {
    verbs.push_back(sub->get_name());
    if (argc > 1 && sub->get_name() == argv[1]) verb = sub;
  }
  const auto hint = [](const std::string& prefix, const std::string& name, const std::vector<std::string>& known) {
    const std::string near = ditmos::nearest_name(name, known);
    if (!near.empty() && near != name) std::fprintf(stderr, "hint: did you mean \"%s%s\"?\n", prefix.c_str(), near.c_str());
  };
  if (!verb) {
    if (argc > 1) hint("ditmos ", argv[1], verbs);
    return;
  }
  for (const CLI::Option* option : verb->get_options())
    for (const std::string& name : option->get_lnames()) options.push_back(name);
  for (int i = 2; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.starts_with("--")) hint("--", argument.substr(2, argument.find('=') == std::string::npos ? argument.npos : argument.find('=') - 2), options);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"DiTMoS: tiny, diverse classifiers and a selector, trained, compiled and measured for microcontrollers.",
               "ditmos"};
  app.require_subcommand(1);
  bool quiet = false;
  app.add_flag("-q,--quiet", quiet, "No progress on stderr.");
  app.parse_complete_callback([&] { ditmos::Progress::set_quiet(quiet); });
  ditmos::install_interrupt_handler();
  using namespace ditmos::cli;
  add_datasets(app);
  add_fetch(app);
  add_inspect(app);
  add_report(app);
  add_serve(app);
  add_compile(app);
  add_quantize(app);
  add_train(app);
  add_evaluate(app);
  add_experiment(app);
  add_version(app);
  add_boards(app);
  add_simulate(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    app.exit(e);
    suggest(app, argc, argv);
    return 2;
  } catch (const ditmos::Error& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    if (!e.hint().empty()) std::fprintf(stderr, "hint: %s\n", e.hint().c_str());
    return dynamic_cast<const ditmos::Interrupted*>(&e) ? 130 : 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: out of memory\n");
    return 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
  return 0;
}
