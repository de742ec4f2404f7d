#include "crossing/result.h"

namespace crossing {

std::string Error::text() const {
  std::string text(verdict_name(verdict));
  if (offset) text += " at offset " + std::to_string(*offset);
  if (event) text += (offset ? ", event " : " at event ") + std::to_string(*event);
  text += ": " + message;
  if (!rule.empty()) {
    text += " [";
    text += rule;
    text += ']';
  }
  return text;
}

}  // namespace crossing
