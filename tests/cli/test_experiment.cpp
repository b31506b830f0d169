#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "command.hpp"
#include "core/file.hpp"
#include "temp_folder.hpp"

namespace ditmos {
namespace {
namespace fs = std::filesystem;

/// A sweep of two runs on the built-in set, each done in a moment.
std::string small_experiment(const fs::path& folder) {
  const fs::path file = folder / "small.toml";
  write_file_atomic(file, R"(
name = "small"
compare = "knn"
datasets = ["synthetic"]
protocols = ["window-random"]
seeds = [1]
methods = ["single", "knn"]
[set]
"joint_training.epochs" = 2
"single.channels" = [4]
"single.kernels" = [9]
"single.pools" = [4]
"single.hidden" = [32]
"recipe.batch" = 64
)");
  return "'" + file.string() + "'";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(ExperimentCli, WritesItsReportAndRepeatsARun) {
  const TempFolder folder;
  const std::string out = (folder.path() / "out").string();
  const Outcome done = run("experiment " + small_experiment(folder.path()) + " --out " + out);
  ASSERT_EQ(done.status, 0) << done.output;
  EXPECT_TRUE(has(done.output, "2 of 2 runs finished")) << done.output;
  EXPECT_TRUE(has(read_file(out + "/report.html"), "<!doctype html>"));
  const std::string one = out + "/synthetic/window-random/single/seed-1";
  const Outcome repeated = run("experiment repeat " + one + "/");
  EXPECT_EQ(repeated.status, 0) << repeated.output;
  EXPECT_TRUE(has(repeated.output, "to the byte")) << repeated.output;
  EXPECT_TRUE(fs::exists(one + "-repeat/evaluation.json"));
  const Outcome missing = run("experiment repeat " + out);
  EXPECT_EQ(missing.status, 1);
  EXPECT_TRUE(has(missing.output, "is not a run")) << missing.output;
}

TEST(ExperimentCli, EmulatesWhatIsTrainedAndRefusesABoardThatIsNotKnown) {
  const TempFolder folder;
  const std::string name = small_experiment(folder.path()), out = (folder.path() / "out").string();
  const Outcome unknown = run("experiment " + name + " --out " + out + " --emulate nucleo-l4r5zz");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_TRUE(has(unknown.output, "unknown board \"nucleo-l4r5zz\"")) << unknown.output;
  EXPECT_FALSE(fs::exists(out));  // said before anything is trained
  if (shell("command -v qemu-system-arm arm-none-eabi-gcc").status != 0) GTEST_SKIP() << "no emulator or cross compiler: --emulate is not tested";
  ASSERT_EQ(run("experiment " + name + " --out " + out).status, 0);
  const Outcome done = run("experiment " + name + " --out " + out + " --emulate nucleo-l4r5zi");
  EXPECT_EQ(done.status, 0) << done.output;
  EXPECT_TRUE(has(done.output, "int8 on the emulated nucleo-l4r5zi")) << done.output;
  EXPECT_TRUE(has(read_file(out + "/report.html"), "int8 on the emulated nucleo-l4r5zi"));
  EXPECT_TRUE(fs::exists(out + "/synthetic/window-random/single/seed-1/emulated/nucleo-l4r5zi.json"));
}

TEST(ExperimentCli, AFullDiskStopsItCleanlyAndTheSameCommandGoesOn) {
  const TempFolder folder;
  const std::string name = small_experiment(folder.path());
  for (const int blocks : {1, 48}) {  // of 512 bytes: not even the configuration, then no checkpoint
    const std::string out = (folder.path() / std::to_string(blocks)).string();
    const std::string command = "timeout 120 '" DITMOS_BINARY "' experiment " + name + " --jobs 1 --out " + out;
    const Outcome full = shell("trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; " + command);
    EXPECT_EQ(full.status, 1) << full.output;
    EXPECT_TRUE(has(full.output, "File too large")) << full.output;
    const Outcome later = shell(command);
    EXPECT_EQ(later.status, 0) << later.output;
    EXPECT_TRUE(has(later.output, "2 of 2 runs finished")) << later.output;
  }
}

TEST(ExperimentCli, SlurmScriptsStayWhereThereIsNoSbatch) {
  const TempFolder folder;
  const fs::path out = folder.path() / "out";
  const Outcome outcome = run("experiment " + small_experiment(folder.path()) + " --slurm --slurm-tasks 2 --seeds 1,2 --out " + out.string(), "/nonexistent");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_TRUE(has(outcome.output, "sbatch is not on the PATH")) << outcome.output;
  const std::string script = read_file(out / "slurm" / "array.sh");
  EXPECT_TRUE(has(script, "--seeds 1,2 --shard \"$SLURM_ARRAY_TASK_ID/2\"")) << script;
  EXPECT_TRUE(has(read_file(out / "slurm" / "gather.sh"), "--gather"));
}

/// A controller and a daemon of the real Slurm on loopback, ended with the test.
class SlurmSlow : public testing::Test {
 protected:
  void SetUp() override {
    if (shell("command -v slurmctld && command -v slurmd && command -v sbatch").status != 0) GTEST_SKIP() << "Slurm is absent: apt-get install slurm-wlm";
    const std::string at = folder_.path().string(), user = ::getuid() == 0 ? "root" : shell("id -un").output, port = std::to_string(20000 + ::getpid() % 20000);
    const std::string host = shell("hostname -s | tr -d '\\n'").output;
    fs::create_directories(folder_.path() / "state");
    fs::create_directories(folder_.path() / "spool");
    std::string conf = "ClusterName=test\nSlurmctldHost=" + host + "(127.0.0.1)\nAuthType=auth/none\nCredType=cred/none\nSlurmctldPort=" + port +
                       "\nSlurmdPort=" + std::to_string(std::stoi(port) + 1) + "\nSlurmUser=" + user + "\nSlurmdUser=" + user + "\nStateSaveLocation=" + at +
                       "/state\nSlurmdSpoolDir=" + at + "/spool\nSlurmctldPidFile=" + at + "/ctld.pid\nSlurmdPidFile=" + at + "/d.pid\n" +
                       "ProctrackType=proctrack/pgid\nTaskPlugin=task/none\nSwitchType=switch/none\nMpiDefault=none\nSelectType=select/linear\nReturnToService=2\n"
                       "JobAcctGatherType=jobacct_gather/none\nAccountingStorageType=accounting_storage/none\nSchedulerParameters=batch_sched_delay=0,sched_interval=1\n"
                       "NodeName=" + host + " NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN\nPartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n";
    write_file_atomic(folder_.path() / "slurm.conf", conf);
    environment_ = "export SLURM_CONF=" + at + "/slurm.conf; ";
    shell(environment_ + "slurmctld -D > " + at + "/ctld.log 2>&1 & echo $! > " + at + "/ctld; slurmd -D -N " + host + " > " + at + "/d.log 2>&1 & echo $! > " + at + "/d");
    started_ = true;
    const Outcome ready = shell(environment_ + "for i in $(seq 120); do sinfo -h -o %t | grep -q idle && exit 0; sleep 0.5; done; cat " + at + "/*.log; exit 1");
    ASSERT_EQ(ready.status, 0) << ready.output;
  }
  void TearDown() override {
    if (started_) shell("kill $(cat " + (folder_.path() / "d").string() + ") $(cat " + (folder_.path() / "ctld").string() + "); sleep 1");
  }

  TempFolder folder_;
  std::string environment_;
  bool started_ = false;
};

TEST_F(SlurmSlow, AnArrayDoesTheRunsAndALastJobGathers) {
  const fs::path out = folder_.path() / "out";
  const Outcome submitted = shell(environment_ + "timeout 120 '" DITMOS_BINARY "' experiment " + small_experiment(folder_.path()) +
                                  " --seeds 1,2 --slurm --slurm-tasks 3 --out " + out.string());
  ASSERT_EQ(submitted.status, 0) << submitted.output;
  EXPECT_TRUE(has(submitted.output, "of 3 tasks")) << submitted.output;
  const Outcome gathered = shell("for i in $(seq 600); do grep -q 'runs finished' " + out.string() + "/slurm/gather.log 2> /dev/null && exit 0; sleep 0.5; done; exit 1");
  const Outcome logs = shell("cat " + out.string() + "/slurm/*.log");
  ASSERT_EQ(gathered.status, 0) << logs.output;
  EXPECT_TRUE(has(read_file(out / "slurm" / "gather.log"), "4 of 4 runs finished")) << logs.output;
  for (const char* file : {"slurm/part-0.log", "slurm/part-2.log", "results.csv", "summary.json", "report.html"}) EXPECT_TRUE(fs::exists(out / file)) << file;
}

}  // namespace
}  // namespace ditmos
