#include "c/error.h"

namespace crossing::c {

crossing_verdict report(crossing_error* error, const Error& fault) noexcept {
  const auto verdict = static_cast<crossing_verdict>(fault.verdict);
  if (error == nullptr) return verdict;
  try {
    std::string text = fault.text();
    error->value = fault;
    error->text = std::move(text);
    error->out_of_memory = false;
    return verdict;
  } catch (...) {
    report_out_of_memory(error);
    return verdict;
  }
}

crossing_verdict report_out_of_memory(crossing_error* error) noexcept {
  if (error != nullptr) error->out_of_memory = true;
  return CROSSING_IO;
}

}  // namespace crossing::c

using namespace crossing;

crossing_error* crossing_error_new(void) { return new (std::nothrow) crossing_error; }
void crossing_error_delete(crossing_error* error) { delete error; }

crossing_verdict crossing_error_verdict(const crossing_error* error) {
  if (error->out_of_memory) return CROSSING_IO;
  return static_cast<crossing_verdict>(error->value.verdict);
}
const char* crossing_error_message(const crossing_error* error) {
  return error->out_of_memory ? "out of memory" : error->value.message.c_str();
}
const char* crossing_error_text(const crossing_error* error) {
  return error->out_of_memory ? "io: out of memory" : error->text.c_str();
}
const char* crossing_error_rule(const crossing_error* error) {
  return error->out_of_memory || error->value.rule.empty() ? "" : error->value.rule.data();
}
bool crossing_error_offset(const crossing_error* error, uint64_t* offset) {
  if (error->out_of_memory || !error->value.offset) return false;
  *offset = *error->value.offset;
  return true;
}
bool crossing_error_event(const crossing_error* error, uint64_t* event) {
  if (error->out_of_memory || !error->value.event) return false;
  *event = *error->value.event;
  return true;
}
