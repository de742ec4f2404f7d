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

/* What events name: one component, its instance, and two functions. */
static crossing_verdict fill(crossing_definitions* definitions, crossing_error* error) {
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

static crossing_verdict define(crossing_writer* writer, crossing_error* error) {
  crossing_definitions* definitions = crossing_definitions_new();
  crossing_verdict verdict = definitions == NULL ? CROSSING_IO : fill(definitions, error);
  if (verdict == CROSSING_OK) verdict = crossing_writer_define(writer, definitions, error);
  crossing_definitions_delete(definitions);
  return verdict;
}

static crossing_verdict append(crossing_writer* writer, crossing_event_kind kind, uint32_t subject,
                               const int32_t* value, crossing_error* error) {
  crossing_event event;
  memset(&event, 0, sizeof event);
  event.struct_size = sizeof event;
  event.kind = kind;
  event.subject = subject;
  event.body.data = (const uint8_t*)value;
  event.body.size = value == NULL ? 0 : sizeof *value;
  return crossing_writer_append(writer, &event, error);
}

/* What crosses the boundary while the guest runs. */
static crossing_verdict run(crossing_writer* writer, crossing_error* error) {
  int32_t value = 1, call;
  crossing_verdict verdict = append(writer, CROSSING_EVENT_INSTANTIATE, 0, NULL, error);
  if (verdict == CROSSING_OK) {
    verdict = append(writer, CROSSING_EVENT_INSTANTIATE_END, 0, NULL, error);
  }
  if (verdict == CROSSING_OK) {
    verdict = append(writer, CROSSING_EVENT_EXPORT_CALL, EXPORT_RUN, NULL, error);
  }
  if (verdict == CROSSING_OK) {
    verdict = append(writer, CROSSING_EVENT_EXPORT_ENTER, EXPORT_RUN, &value, error);
  }
  for (call = 0; call < 3 && verdict == CROSSING_OK; ++call) {
    verdict = append(writer, CROSSING_EVENT_IMPORT_CALL, IMPORT_DOUBLE, &value, error);
    value *= 2; /* the host function */
    if (verdict == CROSSING_OK) {
      verdict = append(writer, CROSSING_EVENT_IMPORT_RESULT, IMPORT_DOUBLE, &value, error);
    }
  }
  if (verdict == CROSSING_OK) {
    verdict = append(writer, CROSSING_EVENT_EXPORT_RESULT, EXPORT_RUN, &value, error);
  }
  return verdict;
}

static crossing_verdict record(const char* path, crossing_error* error) {
  crossing_trace_info info;
  crossing_sink* sink;
  crossing_writer* writer = NULL;
  crossing_verdict verdict;

  memset(&info, 0, sizeof info);
  info.struct_size = sizeof info;
  info.producer_name = string_of("example");
  info.recorded_by = CROSSING_RECORDED_BY_ENGINE;

  verdict = crossing_sink_create_file(path, true, &sink, error);
  if (verdict == CROSSING_OK) verdict = crossing_writer_create(sink, &info, NULL, &writer, error);
  if (verdict == CROSSING_OK) verdict = define(writer, error);
  if (verdict == CROSSING_OK) verdict = run(writer, error);
  if (verdict == CROSSING_OK) verdict = crossing_writer_finish(writer, error);
  crossing_writer_delete(writer);
  crossing_sink_delete(sink);
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
