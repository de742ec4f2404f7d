#include "wasmtime_guest.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wasmtime_handles.h"

namespace crossing::engine {
namespace {

wasm_valkind_t kind_of(CoreType type) {
  switch (type) {
    case CoreType::i32: return WASM_I32;
    case CoreType::i64: return WASM_I64;
    case CoreType::f32: return WASM_F32;
    case CoreType::f64: return WASM_F64;
    case CoreType::v128: return WASMTIME_V128;
    case CoreType::funcref: return WASM_FUNCREF;
    case CoreType::externref: break;
  }
  return WASM_EXTERNREF;
}

wasm_valtype_vec_t types_of(const std::vector<CoreType>& types) {
  std::vector<wasm_valtype_t*> each;
  each.reserve(types.size());
  for (const CoreType type : types) each.push_back(wasm_valtype_new(kind_of(type)));
  wasm_valtype_vec_t all;
  wasm_valtype_vec_new(&all, each.size(), each.data());
  return all;
}

constexpr std::uint8_t width(CoreType type) {
  return type == CoreType::v128 ? 16 : type == CoreType::i64 || type == CoreType::f64 ? 8 : 4;
}

/// Where the values of a signature stand: in a payload one after the other [PAY-05], in a slot each
/// for Wasmtime, at its start.
class Layout {
 public:
  explicit Layout(const std::vector<CoreType>& types) {
    for (const CoreType type : types) widths_[count_++] = width(type);
  }
  [[nodiscard]] std::size_t count() const { return count_; }

  void unpack(const std::uint8_t* from, wasmtime_val_raw_t* slots) const {
    for (std::size_t i = 0; i < count_; ++i) {
      copy(&slots[i], from, widths_[i]);
      from += widths_[i];
    }
  }
  /// The number of bytes.
  std::size_t pack(const wasmtime_val_raw_t* slots, std::uint8_t* into) const {
    const std::uint8_t* const begin = into;
    for (std::size_t i = 0; i < count_; ++i) {
      copy(into, &slots[i], widths_[i]);
      into += widths_[i];
    }
    return static_cast<std::size_t>(into - begin);
  }

 private:
  /// Of a size that is known where it is copied.
  static void copy(void* to, const void* from, std::uint8_t size) {
    if (size == 4) {
      std::memcpy(to, from, 4);
    } else if (size == 8) {
      std::memcpy(to, from, 8);
    } else {
      std::memcpy(to, from, 16);
    }
  }

  std::size_t count_ = 0;
  std::array<std::uint8_t, limits::core_signature> widths_;
};

constexpr std::size_t values_size = std::size_t{limits::core_signature} * 16;

GuestEnd failed(std::string message) {
  return {.kind = GuestEnd::Kind::failed, .message = std::move(message)};
}

}  // namespace

class WasmtimeGuest::Impl {
 public:
  Impl(const Wiring& wiring, Bytes component, Replayer& replayer, const GuestSettings& settings)
      : wiring_(wiring),
        component_(component),
        replayer_(replayer),
        instances_(wiring.core_instances.size()),
        functions_(wiring.definitions.functions.size()),
        memories_(wiring.definitions.memories.size()) {
    wasm_config_t* config = wasm_config_new();
    wasmtime_config_async_stack_size_set(config, settings.stack_size + (1 << 20));
    wasmtime_config_max_wasm_stack_set(config, settings.stack_size);
    wasmtime_config_wasm_tail_call_set(config, true);
    wasmtime_config_wasm_multi_memory_set(config, true);
    wasmtime_config_wasm_memory64_set(config, true);
    wasmtime_config_wasm_custom_page_sizes_set(config, true);
    const Determinism& recorded = settings.determinism;
    wasmtime_config_cranelift_nan_canonicalization_set(config, recorded.nan == NanMode::canonical);
    wasmtime_config_wasm_relaxed_simd_deterministic_set(
        config, recorded.relaxed_simd == RelaxedSimd::deterministic);
    engine_.reset(wasm_engine_new_with_config(config));
    store_.reset(wasmtime_store_new(engine_.get(), nullptr, nullptr));
    recorded_ = recorded;
    limit_growth(std::nullopt);
    context_ = wasmtime_store_context(store_.get());
  }

  Result<void> compile() {
    for (const CoreModule& module : wiring_.core_modules) {
      const Bytes bytes = component_.subspan(module.offset, module.size);
      wasmtime_module_t* compiled = nullptr;
      const Owned<wasmtime_error_t> error(
          wasmtime_module_new(engine_.get(), bytes.data(), bytes.size(), &compiled));
      if (error) {
        return tl::unexpected(Error{.verdict = Verdict::io,
                                    .message = "core module " + std::to_string(module.id) +
                                               " cannot be compiled: " + text_of(error.get())});
      }
      modules_.emplace_back(compiled);
    }
    return {};
  }

  GuestEnd instantiate(std::uint32_t id) {
    const CoreInstance& core = wiring_.core_instances.at(id);
    std::vector<wasmtime_extern_t> imports(core.imports.size());
    for (std::size_t i = 0; i < imports.size(); ++i) {
      const CoreInstance::Import& import = core.imports[i];
      if (import.function != none) {
        imports[i].kind = WASMTIME_EXTERN_FUNC;
        imports[i].of.func = served_function(import.function);
      } else if (!find(import.core_instance, import.export_name, imports[i])) {
        return failed("core instance " + std::to_string(id) + " takes " + import.export_name +
                      " of core instance " + std::to_string(import.core_instance) +
                      ", which does not have it");
      }
    }
    wasm_trap_t* trap = nullptr;
    Instance& instance = instances_[id];
    wasmtime_error_t* error =
        wasmtime_instance_new(context_, modules_.at(core.core_module).get(), imports.data(),
                              imports.size(), &instance.handle, &trap);
    instance.exists = error == nullptr && trap == nullptr;
    return end_of(error, trap);
  }

  GuestEnd call(std::uint32_t id, Bytes params, std::span<std::uint8_t> results) {
    const Function& function = wiring_.definitions.functions[id];
    Callee& callee = functions_[id];
    if (!callee.known && !find_callee(function, callee)) {
      return failed("the component has no core function " + function.core_export +
                    " in core instance " + std::to_string(function.core_instance));
    }
    wasmtime_val_raw_t slots[limits::core_signature];
    callee.params->unpack(params.data(), slots);
    wasm_trap_t* trap = nullptr;
    wasmtime_error_t* error = wasmtime_func_call_unchecked(
        context_, &callee.handle, slots, std::max(callee.params->count(), callee.results->count()),
        &trap);
    if (error != nullptr || trap != nullptr) return end_of(error, trap);
    callee.results->pack(slots, results.data());
    return {};
  }

  std::optional<std::uint64_t> memory_size(std::uint32_t id) {
    const wasmtime_memory_t* memory = find_memory(id);
    if (memory == nullptr) return std::nullopt;
    return wasmtime_memory_data_size(context_, memory);
  }

  /// Of every memory: nothing else tells them apart here. None: what the recording engine had.
  void limit_growth(std::optional<std::uint64_t> bytes) {
    const auto limit = [](std::uint64_t value) {
      return value == 0 ? -1 : static_cast<std::int64_t>(value);
    };
    wasmtime_store_limiter(
        store_.get(), bytes ? static_cast<std::int64_t>(*bytes) : limit(recorded_.memory_limit),
        limit(recorded_.table_limit), -1, -1, -1);
  }

  std::uint8_t* memory_data(std::uint32_t id) {
    const wasmtime_memory_t* memory = find_memory(id);
    return memory == nullptr ? nullptr : wasmtime_memory_data(context_, memory);
  }

 private:
  /// How a call into core code ended. A trap that `serve` raised comes back as an error.
  GuestEnd end_of(wasmtime_error_t* error, wasm_trap_t* trap) {
    const Owned<wasmtime_error_t> owned_error(error);
    const Owned<wasm_trap_t> owned_trap(trap);
    if (error == nullptr && trap == nullptr) return {};
    GuestEnd end{.kind = GuestEnd::Kind::trapped};
    if (std::exchange(refused_, false)) return end;
    if (error != nullptr) return failed(text_of(error));
    wasmtime_trap_code_t code = 0;
    if (wasmtime_trap_code(trap, &code)) end.code = code_of(code);
    end.message = text_of(trap);
    return end;
  }

  struct Instance {
    wasmtime_instance_t handle{};
    bool exists = false;
  };
  /// A function: one that the host calls, by its target; one that the guest calls, by what serves
  /// it.
  struct Callee {
    wasmtime_func_t handle{};
    bool known = false;
    std::optional<Layout> params = {};
    std::optional<Layout> results = {};
  };
  struct Memory {
    wasmtime_memory_t handle{};
    bool known = false;
  };
  /// What a function that serves the guest is told.
  struct Service {
    Impl* guest;
    std::uint32_t function;
    Layout params;
    Layout results;
  };

  bool find(std::uint32_t core_instance, const std::string& name, wasmtime_extern_t& into) {
    if (core_instance >= instances_.size() || !instances_[core_instance].exists) return false;
    return wasmtime_instance_export_get(context_, &instances_[core_instance].handle, name.data(),
                                        name.size(), &into);
  }

  bool find_callee(const Function& function, Callee& callee) {
    wasmtime_extern_t found;
    if (!find(function.core_instance, function.core_export, found)) return false;
    if (found.kind != WASMTIME_EXTERN_FUNC) return false;
    // An unchecked call does not look at the type.
    const Owned<wasm_functype_t> type(wasmtime_func_type(context_, &found.of.func));
    if (!same(function.core_params, wasm_functype_params(type.get())) ||
        !same(function.core_results, wasm_functype_results(type.get()))) {
      return false;
    }
    callee = {found.of.func, true, Layout(function.core_params), Layout(function.core_results)};
    return true;
  }

  static bool same(const std::vector<CoreType>& expected, const wasm_valtype_vec_t* found) {
    if (expected.size() != found->size) return false;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (kind_of(expected[i]) != wasm_valtype_kind(found->data[i])) return false;
    }
    return true;
  }

  const wasmtime_memory_t* find_memory(std::uint32_t id) {
    Memory& memory = memories_[id];
    if (!memory.known) {
      const crossing::Memory& wired = wiring_.definitions.memories[id];
      wasmtime_extern_t found;
      if (!find(wired.core_instance, wired.export_name, found)) return nullptr;
      if (found.kind != WASMTIME_EXTERN_MEMORY) return nullptr;
      memory = {found.of.memory, true};
    }
    return &memory.handle;
  }

  wasmtime_func_t served_function(std::uint32_t id) {
    Callee& callee = functions_[id];
    if (!callee.known) {
      const Function& function = wiring_.definitions.functions[id];
      wasm_valtype_vec_t params = types_of(function.core_params);
      wasm_valtype_vec_t results = types_of(function.core_results);
      const Owned<wasm_functype_t> type(wasm_functype_new(&params, &results));
      auto* service =
          new Service{this, id, Layout(function.core_params), Layout(function.core_results)};
      wasmtime_func_new_unchecked(
          context_, type.get(), serve, service,
          [](void* data) { delete static_cast<Service*>(data); }, &callee.handle);
      callee.known = true;
    }
    return callee.handle;
  }

  /// The guest calls out.
  static wasm_trap_t* serve(void* data, wasmtime_caller_t* /*caller*/, wasmtime_val_raw_t* slots,
                            std::size_t /*count*/) {
    const Service& service = *static_cast<const Service*>(data);
    Impl& guest = *service.guest;
    std::uint8_t params[values_size];
    std::uint8_t results[values_size];
    const std::size_t size = service.params.pack(slots, params);
    if (!guest.replayer_.import_called(service.function, Bytes(params, size), results)) {
      guest.refused_ = true;
      constexpr std::string_view message = "the replay does not go on here";
      return wasmtime_trap_new(message.data(), message.size());
    }
    service.results.unpack(results, slots);
    return nullptr;
  }

  const Wiring& wiring_;
  const Bytes component_;
  Replayer& replayer_;
  Determinism recorded_;
  Owned<wasm_engine_t> engine_;
  Owned<wasmtime_store_t> store_;
  wasmtime_context_t* context_ = nullptr;
  std::vector<Owned<wasmtime_module_t>> modules_;
  std::vector<Instance> instances_;
  std::vector<Callee> functions_;
  std::vector<Memory> memories_;
  bool refused_ = false;  // `serve` raised a trap that is on its way
};

WasmtimeGuest::WasmtimeGuest(const Wiring& wiring, Bytes component, Replayer& replayer,
                             const GuestSettings& settings)
    : impl_(std::make_unique<Impl>(wiring, component, replayer, settings)) {}
WasmtimeGuest::~WasmtimeGuest() = default;

Result<void> WasmtimeGuest::compile() { return impl_->compile(); }
GuestEnd WasmtimeGuest::instantiate(std::uint32_t core_instance) {
  return impl_->instantiate(core_instance);
}
GuestEnd WasmtimeGuest::call(std::uint32_t function, Bytes params,
                             std::span<std::uint8_t> results) {
  return impl_->call(function, params, results);
}
std::optional<std::uint64_t> WasmtimeGuest::memory_size(std::uint32_t memory) {
  return impl_->memory_size(memory);
}
Bytes WasmtimeGuest::read(std::uint32_t memory, std::uint64_t address, std::uint64_t size) {
  return {impl_->memory_data(memory) + address, size};
}
void WasmtimeGuest::write(std::uint32_t memory, std::uint64_t address, Bytes bytes) {
  std::memcpy(impl_->memory_data(memory) + address, bytes.data(), bytes.size());
}
bool WasmtimeGuest::limit_growth(std::uint32_t /*memory*/, std::optional<std::uint64_t> bytes) {
  impl_->limit_growth(bytes);
  return true;
}

}  // namespace crossing::engine
