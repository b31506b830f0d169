#include "device/instruction.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <vector>

namespace ditmos::device {
namespace {

using Op = Operation;

struct Prefix {
  std::string_view text;
  Op operation;
};

// Looked up in this order: the first prefix that fits, so longer ones stand before shorter ones.
constexpr Prefix prefixes[] = {
    // MVE and floating point
    {"vldmia", Op::fp_load_multiple}, {"vldmdb", Op::fp_load_multiple}, {"vldm", Op::fp_load_multiple},
    {"vpop", Op::fp_load_multiple},   {"vstmia", Op::fp_store_multiple}, {"vstmdb", Op::fp_store_multiple},
    {"vstm", Op::fp_store_multiple},  {"vpush", Op::fp_store_multiple},
    {"vldrb", Op::vector_load},       {"vldrh", Op::vector_load},        {"vldrw", Op::vector_load},
    {"vldrd", Op::vector_load},       {"vld2", Op::vector_load},         {"vld4", Op::vector_load},
    {"vstrb", Op::vector_store},      {"vstrh", Op::vector_store},       {"vstrw", Op::vector_store},
    {"vstrd", Op::vector_store},      {"vst2", Op::vector_store},        {"vst4", Op::vector_store},
    {"vldr", Op::fp_load},            {"vstr", Op::fp_store},
    {"vmladav", Op::vector_multiply}, {"vmlaldav", Op::vector_multiply}, {"vmlsdav", Op::vector_multiply},
    {"vrmlaldavh", Op::vector_multiply}, {"vmlalv", Op::vector_multiply}, {"vmlav", Op::vector_multiply},
    {"vqdmulh", Op::vector_multiply}, {"vqrdmulh", Op::vector_multiply}, {"vqdmlah", Op::vector_multiply},
    {"vqrdmlah", Op::vector_multiply}, {"vmulh", Op::vector_multiply},   {"vrmulh", Op::vector_multiply},
    {"vmull", Op::vector_multiply},   {"vmlas", Op::fp_accumulate},      {"vmla", Op::fp_accumulate},
    {"vmls", Op::fp_accumulate},      {"vnmla", Op::fp_accumulate},      {"vnmls", Op::fp_accumulate},
    {"vfma", Op::fp_accumulate},      {"vfms", Op::fp_accumulate},       {"vfnma", Op::fp_accumulate},
    {"vfnms", Op::fp_accumulate},     {"vnmul", Op::fp_multiply},        {"vmul", Op::fp_multiply},
    {"vdiv", Op::fp_divide},          {"vsqrt", Op::fp_root},
    {"vmrs", Op::fp_move},            {"vmsr", Op::fp_move},             {"vmov", Op::fp_move},
    {"vins", Op::fp_move},            {"v", Op::fp_add},
    // loops and branches
    {"wls", Op::loop_start},          {"dls", Op::loop_start},           {"letp", Op::loop_end},
    {"lctp", Op::nop},                {"le", Op::loop_end},
    {"cbnz", Op::branch_conditional}, {"cbz", Op::branch_conditional},   {"tbb", Op::branch_indirect},
    {"tbh", Op::branch_indirect},
    // memory
    {"ldrsb", Op::load_small},        {"ldrsh", Op::load_small},         {"ldrb", Op::load_small},
    {"ldrh", Op::load_small},         {"ldrd", Op::load_double},         {"ldr", Op::load},
    {"ldm", Op::load_multiple},       {"pop", Op::load_multiple},        {"strd", Op::store_double},
    {"str", Op::store},               {"stm", Op::store_multiple},       {"push", Op::store_multiple},
    // multiplication
    {"smlald", Op::multiply_accumulate_long}, {"smlsld", Op::multiply_accumulate_long},
    {"smlalbb", Op::multiply_accumulate_long}, {"smlalbt", Op::multiply_accumulate_long},
    {"smlaltb", Op::multiply_accumulate_long}, {"smlaltt", Op::multiply_accumulate_long},
    {"smlal", Op::multiply_accumulate_long}, {"umlal", Op::multiply_accumulate_long}, {"umaal", Op::multiply_accumulate_long},
    {"smull", Op::multiply_long},     {"umull", Op::multiply_long},
    {"smla", Op::multiply_accumulate}, {"smls", Op::multiply_accumulate}, {"smmla", Op::multiply_accumulate},
    {"smmls", Op::multiply_accumulate}, {"mla", Op::multiply_accumulate}, {"mls", Op::multiply_accumulate},
    {"usada8", Op::multiply_accumulate}, {"usad8", Op::multiply},
    {"smul", Op::multiply},           {"smuad", Op::multiply},           {"smusd", Op::multiply},
    {"smmul", Op::multiply},          {"mul", Op::multiply},             {"sdiv", Op::divide},
    {"udiv", Op::divide},
    // DSP extension, bit fields
    {"sxta", Op::simd},  {"uxta", Op::simd},  {"sxt", Op::simd},   {"uxt", Op::simd},   {"pkh", Op::simd},
    {"ssat", Op::simd},  {"usat", Op::simd},  {"qadd", Op::simd},  {"qsub", Op::simd},  {"qdadd", Op::simd},
    {"qdsub", Op::simd}, {"sadd", Op::simd},  {"ssub8", Op::simd}, {"ssub16", Op::simd}, {"uadd", Op::simd},
    {"usub", Op::simd},  {"uqadd", Op::simd}, {"uqsub", Op::simd}, {"shadd", Op::simd}, {"uhadd", Op::simd},
    {"sel", Op::simd},   {"rev", Op::simd},   {"rbit", Op::simd},  {"clz", Op::simd},
    {"bfi", Op::alu_shifted}, {"bfc", Op::alu_shifted}, {"ubfx", Op::alu_shifted}, {"sbfx", Op::alu_shifted},
    // system
    {"dmb", Op::system}, {"dsb", Op::system}, {"isb", Op::system}, {"mrs", Op::system}, {"msr", Op::system},
    {"bkpt", Op::system}, {"svc", Op::system}, {"udf", Op::system}, {"cps", Op::system},
    {"nop", Op::nop},
};

constexpr std::string_view conditions[] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
                                           "hs", "lo"};

bool is_condition(std::string_view text) {
  return std::find(std::begin(conditions), std::end(conditions), text) != std::end(conditions);
}

bool starts(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// "b", "bne", "bl", "bx lr", ...: a branch, by what follows the b; false for "bic", "bfi", ...
bool branch_of(std::string_view m, Op& operation) {
  if (m == "b") return operation = Op::branch, true;
  if (m.empty() || m[0] != 'b') return false;
  if (m.size() == 3 && is_condition(m.substr(1))) return operation = Op::branch_conditional, true;
  const auto one_of = [&](std::string_view name) {
    return m == name || (starts(m, name) && m.size() == name.size() + 2 && is_condition(m.substr(name.size())));
  };
  if (one_of("blx") || one_of("bx") || one_of("bxns") || one_of("blxns")) return operation = Op::branch_indirect, true;
  if (one_of("bl")) return operation = Op::call, true;
  return false;
}

Op operation_of(std::string_view m) {
  Op operation;
  if (branch_of(m, operation)) return operation;
  if (m[0] == 'i' && m.size() >= 2 && m[1] == 't' && m.find_first_not_of("te", 2) == std::string_view::npos) return Op::it;
  for (const auto& prefix : prefixes)
    if (starts(m, prefix.text)) return prefix.operation;
  return Op::alu;
}

/// Bits of one register name, 0 when it is none.
std::uint64_t register_bit(std::string_view name) {
  struct Alias {
    std::string_view name;
    int number;
  };
  constexpr Alias aliases[] = {{"sp", 13}, {"lr", 14}, {"pc", 15}, {"ip", 12}, {"fp", 11}, {"sl", 10}, {"sb", 9}};
  for (const auto& alias : aliases)
    if (alias.name == name) return std::uint64_t{1} << alias.number;
  if (name.size() < 2 || name.size() > 3) return 0;
  int number = 0;
  for (const char c : name.substr(1)) {
    if (!std::isdigit(static_cast<unsigned char>(c))) return 0;
    number = number * 10 + (c - '0');
  }
  switch (name[0]) {
    case 'r': return number < 16 ? std::uint64_t{1} << number : 0;
    case 's': return number < 32 ? std::uint64_t{1} << (fp_bit + number) : 0;
    case 'd': return number < 16 ? std::uint64_t{3} << (fp_bit + 2 * number) : 0;
    case 'q': return number < 8 ? std::uint64_t{15} << (fp_bit + 4 * number) : 0;
    default: return 0;
  }
}

/// Registers named anywhere in the text; ranges "s0-s7" are filled.
std::uint64_t registers_in(std::string_view text) {
  std::uint64_t bits = 0, last = 0;
  bool range = false;
  for (std::size_t i = 0; i < text.size();) {
    if (!std::isalpha(static_cast<unsigned char>(text[i]))) {
      range = text[i] == '-' && last != 0;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end]))) ++end;
    const std::uint64_t one = register_bit(text.substr(i, end - i));
    if (range)
      for (std::uint64_t b = last; b && b < one; b <<= 1) bits |= b;
    bits |= one;
    last = one;
    range = false;
    i = end;
  }
  return bits;
}

/// Operands, split at commas outside brackets and braces.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if ((c != ',' || depth > 0) && i < text.size()) continue;
    std::string_view part = text.substr(start, i - start);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.push_back(part);
    start = i + 1;
  }
  return parts;
}

bool is_memory(Op o) {
  switch (o) {
    case Op::load: case Op::load_small: case Op::load_double: case Op::store: case Op::store_double: case Op::fp_load:
    case Op::fp_load_double: case Op::fp_store: case Op::fp_store_double: case Op::vector_load: case Op::vector_store:
      return true;
    default: return false;
  }
}

bool is_store(Op o) {
  return o == Op::store || o == Op::store_double || o == Op::store_multiple || o == Op::fp_store || o == Op::fp_store_double ||
         o == Op::fp_store_multiple || o == Op::vector_store;
}

bool is_multiple(Op o) {
  return o == Op::load_multiple || o == Op::store_multiple || o == Op::fp_load_multiple || o == Op::fp_store_multiple;
}

int bit_count(std::uint64_t bits) { return __builtin_popcountll(bits); }

/// A load or store: data registers, then [base, offset] with or without update, or a register list.
void memory_registers(Instruction& out, std::string_view m, const std::vector<std::string_view>& parts) {
  const bool store = is_store(out.operation);
  std::uint64_t data = 0, address = 0, updated = 0;
  if (is_multiple(out.operation)) {
    for (const auto part : parts) {
      if (part.front() == '{') {
        data |= registers_in(part);
      } else {
        address |= registers_in(part);
        if (part.back() == '!') updated |= registers_in(part);
      }
    }
    if (starts(m, "push") || starts(m, "pop") || starts(m, "vpush") || starts(m, "vpop")) address = updated = 1u << 13;
    out.registers = std::max(1, bit_count(data));
  } else {
    bool seen = false;
    for (const auto part : parts) {
      if (part.front() == '[') {
        seen = true;
        address |= registers_in(part);
        if (part.back() == '!') updated |= registers_in(part.substr(0, part.find_first_of(",]")));
      } else if (!seen) {
        data |= registers_in(part);
      } else {  // post-indexed
        address |= registers_in(part);
        for (const auto base : parts)
          if (base.front() == '[') updated |= registers_in(base);
      }
    }
  }
  out.reads |= address | (store ? data : 0);
  out.writes |= updated | (store ? 0 : data);
  out.updates = updated;
}

}  // namespace

Instruction decode(std::string_view mnemonic, std::string_view operands) {
  Instruction out;
  const auto comment = operands.find_first_of(";@");
  if (comment != std::string_view::npos) operands = operands.substr(0, comment);
  const auto dot = mnemonic.find('.');
  const std::string_view m = mnemonic.substr(0, dot);
  const auto parts = split(operands);
  out.operation = operation_of(m);
  const bool vector = !parts.empty() && m[0] == 'v' && operands.find('q') != std::string_view::npos &&
                      registers_in(operands.substr(operands.find('q'))) >> fp_bit;
  if (vector) {  // the same mnemonic on q registers is MVE
    if (out.operation == Op::fp_multiply || out.operation == Op::fp_accumulate) out.operation = Op::vector_multiply;
    if (out.operation == Op::fp_add || out.operation == Op::fp_move) out.operation = Op::vector_integer;
    if (out.operation == Op::vector_integer && mnemonic.find(".f") != std::string_view::npos) out.operation = Op::vector_multiply;
  }
  if ((out.operation == Op::fp_load || out.operation == Op::fp_store) && !parts.empty() && parts[0].front() == 'd')
    out.operation = out.operation == Op::fp_load ? Op::fp_load_double : Op::fp_store_double;

  if (is_memory(out.operation) || is_multiple(out.operation)) {
    memory_registers(out, m, parts);
  } else if (out.operation == Op::branch_indirect || out.operation == Op::branch_conditional) {
    out.reads = registers_in(operands.substr(0, operands.find('<')));
  } else if (out.operation != Op::branch && out.operation != Op::call && out.operation != Op::it && out.operation != Op::nop &&
             out.operation != Op::loop_end && !parts.empty()) {
    const bool two_results = out.operation == Op::multiply_long || out.operation == Op::multiply_accumulate_long;
    const bool compare = starts(m, "cmp") || starts(m, "cmn") || starts(m, "tst") || starts(m, "teq") || starts(m, "vcmp");
    const std::size_t results = compare ? 0 : two_results ? 2 : 1;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::uint64_t bits = registers_in(parts[i]);
      if (i < results) out.writes |= bits;
      else out.reads |= bits;
    }
    if (parts.size() == 2 && results == 1 && !starts(m, "mov") && !starts(m, "mvn") && m[0] != 'v' && m[0] != 'r' &&
        !starts(m, "sxt") && !starts(m, "uxt") && !starts(m, "clz"))
      out.reads |= out.writes;  // two-operand form: adds r0, #1
    if (starts(m, "movt") || starts(m, "bfi") || starts(m, "bfc")) out.reads |= out.writes;
    if (out.operation == Op::multiply_accumulate && parts.size() >= 4) out.accumulator = registers_in(parts[3]);
    if (out.operation == Op::multiply_accumulate_long || out.operation == Op::fp_accumulate) {
      out.accumulator = out.writes;
      out.reads |= out.writes;
    }
    if (out.operation == Op::vector_multiply && (m.find("mla") != std::string_view::npos || starts(m, "vfma") || starts(m, "vfms"))) {
      out.accumulator = out.writes;
      out.reads |= out.writes;
    }
    if (out.operation == Op::alu && parts.size() >= 3) {
      const std::string_view last = parts.back();
      if (starts(last, "lsl") || starts(last, "lsr") || starts(last, "asr") || starts(last, "ror") || starts(last, "rrx"))
        out.operation = Op::alu_shifted;
    }
  }
  if (!parts.empty() && (out.operation == Op::branch || out.operation == Op::branch_conditional || out.operation == Op::call ||
                         out.operation == Op::loop_end))
    out.target = static_cast<std::uint32_t>(std::strtoul(std::string(parts.back()).c_str(), nullptr, 16));
  out.writes_pc = (out.writes >> 15 & 1) != 0;
  if (out.writes_pc && out.operation == Op::alu) out.operation = Op::branch_indirect;
  const bool immediate = operands.find('#') != std::string_view::npos;
  out.plain_narrow = out.operation == Op::it || out.operation == Op::nop || out.operation == Op::branch ||
                     out.operation == Op::branch_conditional ||
                     (out.operation == Op::alu && (starts(m, "mov") || ((starts(m, "add") || starts(m, "sub")) && immediate))) ||
                     (out.operation == Op::simd && (m == "sxtb" || m == "sxth" || m == "uxtb" || m == "uxth"));
  return out;
}

std::map<std::uint32_t, Instruction> parse_disassembly(const std::string& text) {
  std::map<std::uint32_t, Instruction> out;
  std::uint32_t previous = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    // "    8010:\tldrb.w\tr3, [r2], #1"; function names and section headings have no tab after the colon
    char* rest = nullptr;
    const unsigned long address = std::strtoul(line.c_str(), &rest, 16);
    if (rest == line.c_str() || rest[0] != ':' || rest[1] != '\t') continue;
    const std::string body = rest + 2;
    const std::size_t tab = body.find('\t');
    const std::string mnemonic = body.substr(0, tab);
    if (mnemonic.empty() || mnemonic[0] == '.' || mnemonic[0] == '<') continue;
    const auto found = out.emplace(static_cast<std::uint32_t>(address),
                                   decode(mnemonic, tab == std::string::npos ? "" : std::string_view(body).substr(tab + 1)));
    found.first->second.address = static_cast<std::uint32_t>(address);
    const auto before = out.find(previous);
    if (before != out.end() && address - previous == 4) before->second.bytes = 4;
    previous = static_cast<std::uint32_t>(address);
  }
  return out;
}

}  // namespace ditmos::device
