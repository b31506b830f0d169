#include <cstdio>
#include <memory>

#include "method/run.hpp"
#include "method/summary.hpp"
#include "verbs.hpp"

namespace ditmos::cli {

void add_evaluate(CLI::App& app) {
  struct Options {
    std::string run, data;
    bool json = false;
  };
  auto o = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("evaluate", "Evaluate the best model of a run on its own split; writes evaluation.json.");
  verb->add_option("run", o->run, "Run folder of ditmos train")->required()->type_name("RUN");
  verb->add_option("--data", o->data, "Where the data set is now, when it has moved")->type_name("DIR");
  verb->add_flag("--json", o->json, "Print evaluation.json instead of tables");
  verb->callback([o] {
    method::Config config = method::read_run_config(o->run);
    if (!o->data.empty()) config.data = o->data;
    const Json evaluation = method::evaluate_run(o->run, method::load_data(config));
    if (o->json)
      std::printf("%s\n", evaluation.dump(2).c_str());
    else
      std::fputs(method::evaluation_table(evaluation).c_str(), stdout);
  });
}

}  // namespace ditmos::cli
