#pragma once

/// What the handles of sinks and sources hold.

#include <memory>

#include "c/error.h"
#include "crossing/io.h"

struct crossing_sink {
  std::unique_ptr<crossing::ByteSink> sink;
  const crossing::MemorySink* memory = nullptr;  ///< `sink`, when it is one
};

struct crossing_source {
  std::unique_ptr<crossing::ByteSource> source;
};
