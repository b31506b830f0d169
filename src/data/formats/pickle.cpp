#include "data/formats/pickle.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "core/error.hpp"

namespace ditmos::data {
namespace {

constexpr std::size_t most_values = 1'000'000;
constexpr std::size_t most_items = std::size_t{1} << 28;

enum class Kind { none, integer, text, list, dict, callable, type, array };

/// Whatever may lie on the pickle's stack; items are positions in the machine's store.
struct Value {
  Kind kind = Kind::none;
  std::int64_t integer = 0;       ///< also booleans
  std::string_view text;          ///< bytes of the file; of a type: "<f8"; of a callable: "module\nname"
  std::vector<std::size_t> items;  ///< of lists and tuples; of dicts: key, value, key, value
  PickledArray array;
};

class Machine {
 public:
  Machine(std::string_view file, const std::string& name) : file_(file), name_(name) {}

  std::map<std::string, PickledArray> run() {
    while (step()) {
    }
    const Value& top = store_[pop()];
    if (top.kind != Kind::dict) fail("holds no dictionary");
    std::map<std::string, PickledArray> arrays;
    for (std::size_t i = 0; i + 1 < top.items.size(); i += 2) {
      const Value &key = store_[top.items[i]], &value = store_[top.items[i + 1]];
      if (key.kind != Kind::text || value.kind != Kind::array) fail("holds something other than text and arrays");
      count(value.array.values.size());
      arrays[std::string(key.text)] = value.array;
    }
    return arrays;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(name_ + ": byte " + std::to_string(at_) + ": the pickle " + what, "expected a dictionary of NumPy arrays; nothing was run");
  }

  std::string_view take(std::size_t n) {
    if (n > file_.size() - at_) fail("is cut off");
    at_ += n;
    return file_.substr(at_ - n, n);
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t v = 0;
    const std::string_view raw = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) v = v << 8 | static_cast<unsigned char>(raw[i]);
    return v;
  }
  std::string_view line() {
    const std::size_t end = file_.find('\n', at_);
    if (end == std::string_view::npos) fail("is cut off");
    const std::string_view text = file_.substr(at_, end - at_);
    at_ = end + 1;
    return text;
  }

  void push(Value value) {
    if (store_.size() >= most_values) fail("has more than a million values");
    stack_.push_back(store_.size());
    store_.push_back(std::move(value));
  }
  void push_integer(std::int64_t v) {
    Value value;
    value.kind = Kind::integer;
    value.integer = v;
    push(std::move(value));
  }
  void push_text(std::string_view text) {
    Value value;
    value.kind = Kind::text;
    value.text = text;
    push(std::move(value));
  }
  void push_list(std::vector<std::size_t> items) {
    Value value;
    value.kind = Kind::list;
    value.items = std::move(items);
    push(std::move(value));
  }
  std::size_t pop() {
    if (stack_.empty() || (!marks_.empty() && stack_.size() <= marks_.back())) fail("takes from an empty stack");
    const std::size_t index = stack_.back();
    stack_.pop_back();
    return index;
  }
  std::vector<std::size_t> pop_many(std::size_t n) {
    std::vector<std::size_t> items(n);
    for (std::size_t i = n; i-- > 0;) items[i] = pop();
    return items;
  }
  std::vector<std::size_t> pop_to_mark() {
    if (marks_.empty()) fail("takes to a mark that was not set");
    const std::size_t from = marks_.back();
    marks_.pop_back();
    std::vector<std::size_t> items(stack_.begin() + static_cast<std::ptrdiff_t>(from), stack_.end());
    stack_.resize(from);
    return items;
  }
  void remember(std::uint64_t key) {
    if (stack_.empty() || memo_.size() >= most_values) fail("remembers nothing, or too much");
    memo_[key] = stack_.back();
  }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) fail("recalls what it never remembered");
    if (stack_.size() >= most_values) fail("has more than a million values");
    stack_.push_back(found->second);
  }

  void push_callable(std::string_view module, std::string_view function) {
    std::string full = std::string(module) + "." + std::string(function);
    if (full.starts_with("numpy._core.")) full = "numpy.core." + full.substr(12);
    Value value;
    value.kind = Kind::callable;
    if (full == "numpy.core.multiarray._reconstruct") value.integer = 1;
    else if (full == "numpy.ndarray") value.integer = 2;
    else if (full == "numpy.dtype") value.integer = 3;
    else fail("asks for \"" + full.substr(0, 60) + "\"");
    push(std::move(value));
  }

  void reduce() {
    const std::size_t arguments = pop(), callable = pop();
    const Value &a = store_[arguments], &c = store_[callable];
    if (c.kind != Kind::callable || a.kind != Kind::list) fail("calls what is no callable");
    Value made;
    if (c.integer == 1) {
      made.kind = Kind::array;
    } else if (c.integer == 3 && !a.items.empty() && store_[a.items[0]].kind == Kind::text) {
      made.kind = Kind::type;
      made.text = store_[a.items[0]].text;
      made.integer = '<';
    } else {
      fail("calls what is not known");
    }
    push(std::move(made));
  }

  void build() {
    const std::size_t state_at = pop();
    if (stack_.empty()) fail("builds nothing");
    const Value& state = store_[state_at];
    Value& target = store_[stack_.back()];
    if (state.kind != Kind::list) fail("builds from no tuple");
    const auto item = [&](std::size_t i) -> const Value& { return store_[state.items[i]]; };
    if (target.kind == Kind::type && state.items.size() >= 2 && item(1).kind == Kind::text && item(1).text.size() == 1) {
      target.integer = item(1).text[0];  // byte order
    } else if (target.kind == Kind::array && state.items.size() == 5 && item(1).kind == Kind::list && item(2).kind == Kind::type &&
               item(3).kind == Kind::integer && item(4).kind == Kind::text) {
      if (item(3).integer != 0) fail("has an array in Fortran order");
      std::vector<std::size_t> shape;
      for (const std::size_t dim : item(1).items) {
        if (store_[dim].kind != Kind::integer || store_[dim].integer < 0) fail("has a shape that is none");
        shape.push_back(static_cast<std::size_t>(store_[dim].integer));
      }
      fill(target.array, shape, item(2), item(4).text);
    } else {
      fail("builds what is not known");
    }
  }

  template <class T>
  void convert(PickledArray& array, std::size_t n, std::string_view bytes, bool swap) const {
    if (bytes.size() != n * sizeof(T)) fail("has an array of another size than its shape");
    array.values.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      char raw[sizeof(T)];
      std::memcpy(raw, bytes.data() + i * sizeof(T), sizeof(T));
      if (swap) std::reverse(raw, raw + sizeof(T));
      T value;
      std::memcpy(&value, raw, sizeof(T));
      array.values[i] = static_cast<double>(value);
    }
  }

  /// The same bytes can be remembered and built from again and again; this bounds what comes of it.
  void count(std::size_t items) {
    if (items > most_items - items_) fail("has arrays that are too large");
    items_ += items;
  }

  void fill(PickledArray& array, const std::vector<std::size_t>& shape, const Value& type, std::string_view bytes) {
    std::size_t n = 1;
    for (const std::size_t dim : shape) {
      if (dim != 0 && n > most_items / dim) fail("has an array that is too large");
      n *= dim;
    }
    count(n);
    array.shape = shape;
    const bool swap = (type.integer == '>') == (std::endian::native == std::endian::little);
    if (type.text == "f8") convert<double>(array, n, bytes, swap);
    else if (type.text == "f4") convert<float>(array, n, bytes, swap);
    else if (type.text == "i8") convert<std::int64_t>(array, n, bytes, swap);
    else if (type.text == "i4") convert<std::int32_t>(array, n, bytes, swap);
    else fail("has an array of type \"" + std::string(type.text.substr(0, 20)) + "\"");
  }

  void set_items(const std::vector<std::size_t>& items) {
    if (stack_.empty() || store_[stack_.back()].kind != Kind::dict || items.size() % 2 != 0) fail("sets items of no dictionary");
    auto& to = store_[stack_.back()].items;
    if (to.size() + items.size() > most_values) fail("has more than a million values");
    to.insert(to.end(), items.begin(), items.end());
  }

  /// One operation; false at the end.
  bool step() {
    switch (static_cast<unsigned char>(take(1)[0])) {
      case 0x80: take(1); break;                        // PROTO
      case 0x95: take(8); break;                        // FRAME
      case '(': marks_.push_back(stack_.size()); if (marks_.size() > most_values) fail("has too many marks"); break;
      case '}': { Value v; v.kind = Kind::dict; push(std::move(v)); break; }
      case ']': case ')': push_list({}); break;
      case 'N': push({}); break;
      case 0x88: push_integer(1); break;
      case 0x89: push_integer(0); break;
      case 'K': push_integer(static_cast<std::int64_t>(number(1))); break;
      case 'M': push_integer(static_cast<std::int64_t>(number(2))); break;
      case 'J': push_integer(static_cast<std::int32_t>(number(4))); break;
      case 'U': case 'C': case 0x8c: push_text(take(number(1))); break;
      case 'T': case 'B': case 'X': push_text(take(number(4))); break;
      case 0x8d: case 0x8e: push_text(take(number(8))); break;
      case 'q': remember(number(1)); break;
      case 'r': remember(number(4)); break;
      case 0x94: remember(memo_.size()); break;
      case 'h': recall(number(1)); break;
      case 'j': recall(number(4)); break;
      case 'c': { const auto module = line(); push_callable(module, line()); break; }
      case 0x93: {
        const std::size_t function = pop(), module = pop();
        push_callable(store_[module].text, store_[function].text);
        break;
      }
      case 0x85: push_list(pop_many(1)); break;
      case 0x86: push_list(pop_many(2)); break;
      case 0x87: push_list(pop_many(3)); break;
      case 't': push_list(pop_to_mark()); break;
      case 'R': reduce(); break;
      case 'b': build(); break;
      case 's': set_items(pop_many(2)); break;
      case 'u': set_items(pop_to_mark()); break;
      case '.': return false;
      default: --at_; fail("has an operation that is not known");
    }
    return true;
  }

  std::string_view file_;
  std::string name_;
  std::size_t at_ = 0, items_ = 0;
  std::vector<Value> store_;
  std::vector<std::size_t> stack_, marks_;
  std::unordered_map<std::uint64_t, std::size_t> memo_;
};

}  // namespace

std::map<std::string, PickledArray> parse_pickled_arrays(std::string_view file, const std::string& name) {
  return Machine(file, name).run();
}

}  // namespace ditmos::data
