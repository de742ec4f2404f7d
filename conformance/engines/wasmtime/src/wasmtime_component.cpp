#include "wasmtime_component.h"

#include <dlfcn.h>

#include <algorithm>

namespace crossing::engine {
namespace {

tl::unexpected<Error> refused(Verdict verdict, std::string message) {
  return tl::unexpected(Error{.verdict = verdict, .message = std::move(message)});
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> each;
  each.reserve(texts.size());
  for (const std::string& text : texts) each.push_back(text.c_str());
  return each;
}

std::uint32_t open_recorder(void* data) { return static_cast<Sink*>(data)->open(); }

bool write_piece(void* data, std::uint32_t instance, const std::uint8_t* events,
                 std::size_t events_size, const std::uint8_t* payloads, std::size_t payloads_size,
                 const std::uint8_t* bulk, std::size_t bulk_size) {
  return static_cast<Sink*>(data)->write(
      {instance, {events, events_size}, {payloads, payloads_size}, {bulk, bulk_size}});
}

/// Loads a library of host functions; it stays loaded, for the component calls it.
struct Host {
  crossing_wasmtime_host_t define = nullptr;
  crossing_wasmtime_make_t make = nullptr;
};

Result<Host> load_host(const std::string& path) {
  // A name without a slash would be looked for elsewhere.
  const std::string name = path.find('/') == std::string::npos ? "./" + path : path;
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return refused(Verdict::io,
                   "--host: expected a shared library for Wasmtime: " + std::string(dlerror()));
  }
  Host host{reinterpret_cast<crossing_wasmtime_host_t>(dlsym(library, "crossing_wasmtime_host")),
            reinterpret_cast<crossing_wasmtime_make_t>(dlsym(library, "crossing_wasmtime_make"))};
  if (host.define == nullptr) {
    return refused(Verdict::io, path + ": expected a function crossing_wasmtime_host, found none");
  }
  return host;
}

Result<Owned<wasi_config_t>> wasi(const HostSettings& settings) {
  Owned<wasi_config_t> config(wasi_config_new());
  crossing_wasmtime_block_in_thread(config.get());
  wasi_config_inherit_stdin(config.get());
  wasi_config_inherit_stdout(config.get());
  wasi_config_inherit_stderr(config.get());
  std::vector<std::string> names;
  std::vector<std::string> values;
  for (const auto& [name, value] : settings.env) {
    names.push_back(name);
    values.push_back(value);
  }
  if (!wasi_config_set_argv(config.get(), settings.args.size(), pointers(settings.args).data()) ||
      !wasi_config_set_env(config.get(), names.size(), pointers(names).data(),
                           pointers(values).data())) {
    return refused(Verdict::io, "expected arguments and variables of the guest in UTF-8");
  }
  for (const auto& [host, guest] : settings.dirs) {
    if (!wasi_config_preopen_dir(config.get(), host.c_str(), guest.c_str(), true)) {
      return refused(Verdict::io, "--dir " + host + "::" + guest +
                                      ": expected a directory that can be opened, found none");
    }
  }
  return config;
}

}  // namespace

WasmtimeComponent::WasmtimeComponent(bool profiled) {
  Owned<wasm_config_t> config(wasm_config_new());
  if (profiled) wasmtime_config_profiler_set(config.get(), WASMTIME_PROFILING_STRATEGY_PERFMAP);
  wasmtime_config_max_wasm_stack_set(config.get(), stack_size);
  wasmtime_config_wasm_tail_call_set(config.get(), true);
  wasmtime_config_wasm_multi_memory_set(config.get(), true);
  wasmtime_config_wasm_memory64_set(config.get(), true);
  wasmtime_config_wasm_custom_page_sizes_set(config.get(), true);
  wasmtime_config_wasm_component_model_map_set(config.get(), true);
  wasmtime_config_wasm_component_model_async_set(config.get(), true);
  wasmtime_config_wasm_component_model_more_async_builtins_set(config.get(), true);
  wasmtime_config_wasm_component_model_async_stackful_set(config.get(), true);
  crossing_wasmtime_configure(config.get());
  engine_.reset(wasm_engine_new_with_config(config.release()));
  store_.reset(wasmtime_store_new(engine_.get(), nullptr, nullptr));
  context_ = wasmtime_store_context(store_.get());
}

WasmtimeComponent::~WasmtimeComponent() = default;

Result<void> WasmtimeComponent::compile(Bytes binary) {
  wasmtime_component_t* component = nullptr;
  const Owned<wasmtime_error_t> error(
      wasmtime_component_new(engine_.get(), binary.data(), binary.size(), &component));
  if (error) {
    return refused(Verdict::unsupported,
                   "Wasmtime cannot run the component: " + text_of(error.get()));
  }
  component_.reset(component);
  return {};
}

Result<void> WasmtimeComponent::link(const HostSettings& settings, Sink* sink) {
  linker_.reset(wasmtime_component_linker_new(engine_.get()));
  const auto failed = [](wasmtime_error_t* error) -> Result<void> {
    const Owned<wasmtime_error_t> owned(error);
    if (!owned) return {};
    return refused(Verdict::io, "the host cannot be made: " + text_of(error));
  };
  if (auto done = failed(wasmtime_component_linker_add_wasip2(linker_.get())); !done) return done;
  auto config = wasi(settings);
  if (!config) return tl::unexpected(config.error());
  if (auto done = failed(wasmtime_context_set_wasi(context_, config->release())); !done)
    return done;
  if (!settings.library.empty()) {
    const auto host = load_host(settings.library);
    if (!host) return tl::unexpected(host.error());
    wasmtime_component_linker_allow_shadowing(linker_.get(), true);
    if (auto done = failed(host->define(linker_.get())); !done) return done;
    make_ = host->make;
  }
  if (sink == nullptr) return {};
  return failed(crossing_wasmtime_add_sink(linker_.get(), open_recorder, write_piece, sink));
}

std::optional<Failure> WasmtimeComponent::instantiate() {
  wasmtime_error_t* error =
      wasmtime_component_linker_instantiate(linker_.get(), context_, component_.get(), &instance_);
  const std::string whole = error == nullptr ? std::string() : text_of(error);
  auto failure = failure_of(error);
  // Its cause alone does not say which import is missing.
  if (whole.starts_with("component imports")) failure->message = whole;
  return failure;
}

std::optional<wasmtime_component_func_t> WasmtimeComponent::find(std::string_view instance,
                                                                 std::string_view name) {
  Owned<wasmtime_component_export_index_t> scope;
  if (!instance.empty()) {
    scope.reset(wasmtime_component_instance_get_export_index(&instance_, context_, nullptr,
                                                             instance.data(), instance.size()));
    if (!scope) return std::nullopt;
  }
  const Owned<wasmtime_component_export_index_t> index(wasmtime_component_instance_get_export_index(
      &instance_, context_, scope.get(), name.data(), name.size()));
  wasmtime_component_func_t function;
  if (!index ||
      !wasmtime_component_instance_get_func(&instance_, context_, index.get(), &function)) {
    return std::nullopt;
  }
  return function;
}

std::optional<Failure> WasmtimeComponent::call(const wasmtime_component_func_t& function,
                                               std::span<const wasmtime_component_val_t> args,
                                               std::span<wasmtime_component_val_t> results) {
  return failure_of(wasmtime_component_func_call(&function, context_, args.data(), args.size(),
                                                 results.data(), results.size()));
}

wasmtime_component_resource_any_t* WasmtimeComponent::make(const std::string& instance,
                                                           const std::string& resource,
                                                           const std::string& arguments,
                                                           std::string& message) {
  if (make_ == nullptr) {
    message = "expected a host library that makes resources, found none";
    return nullptr;
  }
  wasmtime_component_resource_any_t* made = nullptr;
  const Owned<wasmtime_error_t> error(
      make_(context_, instance.c_str(), resource.c_str(), arguments.c_str(), &made));
  if (error) message = text_of(error.get());
  return error ? nullptr : made;
}

std::optional<Failure> WasmtimeComponent::drop(const wasmtime_component_resource_any_t* resource) {
  return failure_of(wasmtime_component_resource_any_drop(context_, resource));
}

bool WasmtimeComponent::memories(const std::function<void(Bytes)>& visit) {
  const auto forward = [](void* data, const std::uint8_t* bytes, std::size_t size) {
    (*static_cast<const std::function<void(Bytes)>*>(data))(Bytes(bytes, size));
  };
  return crossing_wasmtime_memories(context_, forward,
                                    const_cast<std::function<void(Bytes)>*>(&visit));
}

std::optional<Failure> WasmtimeComponent::failure_of(wasmtime_error_t* error) {
  if (error == nullptr) return std::nullopt;
  const Owned<wasmtime_error_t> owned(error);
  Failure failure;
  const auto say = [](void* data, const std::uint8_t* bytes, std::size_t size) {
    static_cast<std::string*>(data)->assign(reinterpret_cast<const char*>(bytes), size);
  };
  const int code = crossing_wasmtime_cause(error, say, &failure.message);
  if (code >= 0) failure.code = static_cast<wasmtime_trap_code_t>(code);
  std::replace(failure.message.begin(), failure.message.end(), '\n', ' ');
  if (int status = 0; wasmtime_error_exit_status(error, &status)) failure.exit_status = status;
  return failure;
}

}  // namespace crossing::engine
