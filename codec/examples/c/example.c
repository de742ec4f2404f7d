/* Records a run of a guest to a file, as an engine would, and reads it back:
 *   example TRACE
 * The guest exports `run`, which calls `host.double` three times. */

#include <crossing/crossing.h>
#include <stdio.h>
#include <string.h>

enum { IMPORT_DOUBLE = 0, EXPORT_RUN = 1 };

static crossing_string string_of(const char* text) {
  crossing_string string = {text, strlen(text)};
  return string;
}

static crossing_bytes bytes_of(const int32_t* value) {
  crossing_bytes bytes = {(const uint8_t*)value, sizeof *value};
  return bytes;
}

/* What events name: one component, its instance, and two functions. */
static crossing_verdict define(crossing_definitions* definitions, crossing_error* error) {
  static const uint8_t digest[32] = {1, 2, 3};
  static const crossing_core_type i32[] = {CROSSING_CORE_TYPE_I32};
  crossing_component component;
  crossing_instance instance = {sizeof instance, 0, 0, NULL, 0, NULL, 0};
  crossing_function function;
  crossing_name name;
  crossing_verdict verdict;

  crossing_component_init(&component, sizeof component);
  component.name = string_of("example");
  component.digest.data = digest;
  component.digest.size = sizeof digest;
  verdict = crossing_definitions_add_component(definitions, &component, error);
  if (verdict == CROSSING_OK) {
    verdict = crossing_definitions_add_instance(definitions, &instance, error);
  }

  crossing_function_init(&function, sizeof function);
  function.core_params = function.core_results = i32;
  function.core_param_count = function.core_result_count = 1;
  function.names = &name;
  function.name_count = 1;

  function.id = IMPORT_DOUBLE;
  function.role = CROSSING_ROLE_IMPORT;
  name.instance_name = string_of("host");
  name.function_name = string_of("double");
  if (verdict == CROSSING_OK) {
    verdict = crossing_definitions_add_function(definitions, &function, error);
  }

  function.id = EXPORT_RUN;
  function.role = CROSSING_ROLE_EXPORT;
  function.index = 1;
  function.core_instance = 0;
  function.core_export = string_of("run");
  name.instance_name = string_of("");
  name.function_name = string_of("run");
  if (verdict == CROSSING_OK) {
    verdict = crossing_definitions_add_function(definitions, &function, error);
  }
  return verdict;
}

/* The host function, and what its call is in the trace. */
static int32_t call_double(crossing_recorder* recorder, int32_t value) {
  crossing_recorder_import_call(recorder, IMPORT_DOUBLE, bytes_of(&value), 0);
  value *= 2;
  crossing_recorder_import_result(recorder, IMPORT_DOUBLE, bytes_of(&value), 0);
  return value;
}

/* What crosses the boundary while the guest runs. Nothing here can fail: what goes wrong is told at
 * the end. */
static void run(crossing_recorder* recorder) {
  int32_t value = 1, call;
  crossing_recorder_instantiate(recorder, 0);
  crossing_recorder_instantiate_end(recorder, 0);
  crossing_recorder_export_call(recorder, EXPORT_RUN, 0);
  crossing_recorder_export_enter(recorder, EXPORT_RUN, bytes_of(&value), 0);
  for (call = 0; call < 3; ++call) value = call_double(recorder, value);
  crossing_recorder_export_result(recorder, EXPORT_RUN, bytes_of(&value), 0);
}

static crossing_verdict record(const char* path, crossing_error* error) {
  crossing_trace_info info;
  crossing_recording_file file;
  crossing_recorder_options options;
  crossing_recorder_pool* pool = NULL;
  crossing_definitions* definitions = crossing_definitions_new();
  crossing_recorder* recorder = NULL;
  crossing_verdict verdict;
  if (definitions == NULL) return CROSSING_IO;

  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  info.producer_name = string_of("example");
  info.recorded_by = CROSSING_RECORDED_BY_ENGINE;
  crossing_recording_file_init(&file, sizeof file);
  file.path = path;
  file.replace = true;

  verdict = crossing_recorder_pool_new(1, &pool, error);
  crossing_recorder_options_init(&options, sizeof options);
  options.pool = pool;
  if (verdict == CROSSING_OK) {
    verdict = crossing_recorder_create_file(&file, &info, &options, &recorder, error);
  }
  if (verdict == CROSSING_OK) verdict = define(definitions, error);
  if (verdict == CROSSING_OK) verdict = crossing_recorder_define(recorder, definitions, error);
  if (verdict == CROSSING_OK) {
    run(recorder);
    verdict = crossing_recorder_finish(recorder, true, error);
  }
  crossing_recorder_delete(recorder);
  crossing_definitions_delete(definitions);
  crossing_recorder_pool_delete(pool);
  return verdict;
}

/* Prints every event, with the name of the function that it is of. */
static void print_block(crossing_reader* reader) {
  const crossing_definitions* definitions = crossing_reader_definitions(reader);
  const crossing_event_view* event;
  while ((event = crossing_reader_next_event(reader)) != NULL) {
    const crossing_function* function = crossing_definitions_function(definitions, event->subject);
    int32_t value = 0;
    printf("%s", crossing_event_kind_name(event->kind));
    if (event->kind >= CROSSING_EVENT_EXPORT_CALL && function != NULL) {
      const crossing_string name = function->names[0].function_name;
      printf(" %.*s", (int)name.size, name.data);
    }
    if (event->body.size == sizeof value) {
      memcpy(&value, event->body.data, sizeof value);
      printf(" %ld", (long)value);
    }
    printf("\n");
  }
}

static crossing_verdict print(const char* path, crossing_error* error) {
  crossing_source* source;
  crossing_reader* reader = NULL;
  const crossing_item* item = NULL;
  crossing_verdict verdict = crossing_source_open_file(path, &source, error);
  if (verdict == CROSSING_OK) verdict = crossing_reader_open(source, NULL, &reader, error);
  while (verdict == CROSSING_OK) {
    verdict = crossing_reader_next(reader, &item, error);
    if (verdict != CROSSING_OK || item->kind == CROSSING_ITEM_END) break;
    if (item->kind == CROSSING_ITEM_BLOCK) print_block(reader);
  }
  crossing_reader_delete(reader);
  crossing_source_delete(source);
  return verdict;
}

int main(int argc, char** argv) {
  crossing_error* error;
  crossing_verdict verdict;
  if (argc != 2) {
    fprintf(stderr, "usage: example TRACE\n");
    return 2;
  }
  if (crossing_abi_version() != CROSSING_ABI_VERSION) {
    fprintf(stderr, "expected version %d of the interface, found %u\n", CROSSING_ABI_VERSION,
            (unsigned)crossing_abi_version());
    return 2;
  }
  error = crossing_error_new();
  if (error == NULL) return 2;
  verdict = record(argv[1], error);
  if (verdict == CROSSING_OK) verdict = print(argv[1], error);
  if (verdict != CROSSING_OK) fprintf(stderr, "example: %s\n", crossing_error_text(error));
  crossing_error_delete(error);
  return verdict;
}
