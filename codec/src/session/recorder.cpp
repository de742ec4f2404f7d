#include "crossing/recorder.h"

#include <chrono>
#include <cstdio>
#include <random>

#include "event/pieces.h"
#include "io/bytes.h"
#include "session/recorder_pool.h"
#include "session/recording_sink.h"
#include "session/slots.h"

namespace crossing {

/// The producer's side, which the recording thread alone touches, and below it what it shares with
/// the thread that writes.
class Recorder::Impl final : public PoolTask {
 public:
  Impl(FrameStream stream, const TraceInfo& info, const RecorderOptions& options,
       std::unique_ptr<RecordingSink> file);
  ~Impl() override { settle(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Makes the slots, in an open file if one is asked for, and opens the first.
  Result<void> begin(detail::OpenBlock& open, bool in_open_file, IfExists if_exists);

  Result<void> define(std::span<const Definition> definitions);
  Result<std::uint32_t> attach(std::string_view name, ByteSource& source, std::uint64_t size);
  void append_long(detail::OpenBlock& open, EventStruct head, std::uint64_t detail, Bytes body);
  Result<void> flush(detail::OpenBlock& open);
  Result<void> finish(detail::OpenBlock& open, bool keep);
  /// Hands on the open block and waits until all is written. No event may come after it.
  void close_all(detail::OpenBlock& open);

  [[nodiscard]] std::optional<Error> error() const;
  [[nodiscard]] std::uint64_t next_sequence(const detail::OpenBlock& open) const {
    return base_sequence_ + open.count;
  }
  [[nodiscard]] std::uint64_t dropped(const detail::OpenBlock& open) const {
    return dropped_ + (in_scratch_ ? open.count : 0);
  }

  /// Writes the oldest full slot [PoolTask].
  void run() override;

 private:
  [[nodiscard]] std::uint64_t now(const detail::OpenBlock& open) const;
  [[nodiscard]] std::uint8_t* small_bodies() const { return at_ + shape_.slot.payloads_at(); }
  void open_block(detail::OpenBlock& open, std::uint8_t* at);
  void close_block(detail::OpenBlock& open);
  void next_block(detail::OpenBlock& open, bool must_keep);
  void put_piece(detail::OpenBlock& open, EventStruct head, Bytes prefixes, Bytes body,
                 bool must_keep);
  void drop_body(detail::OpenBlock& open, const EventStruct& head, std::uint64_t detail,
                 std::size_t size);
  void hand_over();
  void write_oldest();
  void settle();

  // What the recording thread alone uses.
  RecorderPool::Impl* pool_;
  WhenFull when_full_;
  BlockShape shape_;
  std::shared_ptr<CoarseClock> coarse_;
  std::atomic<std::uint64_t> still_ = 0;  // the clock of who has none, or a precise one
  bool precise_ = false;
  std::uint64_t unit_ = 1;   // nanoseconds, of a precise clock
  std::uint64_t epoch_ = 0;  // the clock's value at event time 0
  std::vector<SlotMemory> memory_;
  std::optional<Mapping> mapping_;
  std::unique_ptr<RecordingSink> file_;  // null: a sink of the caller's
  std::vector<Slot> slots_;
  std::size_t current_ = 0;  // the slot that is filled, or that comes after the scratch
  std::uint8_t* at_ = nullptr;
  std::uint32_t bulk_used_ = 0;
  std::uint64_t base_sequence_ = 0;
  std::uint64_t continued_size_ = 0;
  std::uint64_t block_continued_size_ = 0;
  // Where blocks go that are dropped.
  std::optional<SlotMemory> scratch_;
  bool in_scratch_ = false;
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_before_ = 0;  // the next block that is kept
  std::optional<OpenCalls> calls_;    // only a recorder that may drop follows them here
  std::vector<OpenCall> calls_at_start_;
  bool closed_ = false;

  // `mutex_` guards what the two threads share of the slots, `stream_mutex_` the trace.
  mutable std::mutex mutex_;
  std::condition_variable progress_;
  std::size_t oldest_ = 0;  // full slot
  std::size_t full_ = 0;    // slots
  bool scheduled_ = false;
  std::optional<Error> failure_;
  std::mutex stream_mutex_;
  BlockWriter writer_;
};

Recorder::Impl::Impl(FrameStream stream, const TraceInfo& info, const RecorderOptions& options,
                     std::unique_ptr<RecordingSink> file)
    : pool_(options.pool == nullptr ? nullptr : options.pool->impl_.get()),
      when_full_(pool_ == nullptr ? WhenFull::wait : options.when_full),
      shape_(BlockShape::of(options.frames.block_size)),
      precise_(info.clock == Clock::per_call || info.clock == Clock::per_event),
      unit_(info.clock_unit),
      file_(std::move(file)),
      slots_(pool_ == nullptr ? 1 : std::clamp(options.slots, 2U, OpenFileHead::most_slots)),
      writer_(std::move(stream)) {
  if (info.clock == Clock::coarse) {
    coarse_ = CoarseClock::shared();
    epoch_ = coarse_->value().load(std::memory_order_relaxed);
  }
  if (when_full_ == WhenFull::drop) {
    calls_.emplace();
    scratch_.emplace(shape_.slot.slot_size());
  }
}

Result<void> Recorder::Impl::begin(detail::OpenBlock& open, bool in_open_file, IfExists if_exists) {
  if (in_open_file) {
    const OpenFileHead head{.salt = writer_.stream().salt(),
                            .slot_count = static_cast<std::uint32_t>(slots_.size()),
                            .shape = shape_.slot};
    auto mapping = Mapping::create(open_path(file_->path()), head.file_size(), if_exists);
    if (!mapping) return tl::unexpected(mapping.error());
    mapping_.emplace(std::move(*mapping));
    store_head(head, mapping_->data());
    for (std::uint32_t i = 0; i < slots_.size(); ++i) {
      slots_[i].at = mapping_->data() + head.slot_at(i);
    }
  } else {
    for (Slot& slot : slots_) {
      memory_.emplace_back(shape_.slot.slot_size());
      slot.at = memory_.back().get();
    }
  }
  if (precise_) {
    epoch_ =
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  open.clock = coarse_ ? &coarse_->value() : &still_;
  open.time = coarse_ ? epoch_ : 0;
  open_block(open, slots_[0].at);
  return {};
}

/// The clock, never before the last event.
std::uint64_t Recorder::Impl::now(const detail::OpenBlock& open) const {
  if (!precise_) return std::max(open.clock->load(std::memory_order_relaxed), open.time);
  const auto nanoseconds =
      static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return std::max((nanoseconds - epoch_) / unit_, open.time);
}

void Recorder::Impl::open_block(detail::OpenBlock& open, std::uint8_t* at) {
  at_ = at;
  block_continued_size_ = continued_size_;
  const SlotHead head{.base_sequence = base_sequence_,
                      .base_time = open.time - (precise_ ? 0 : epoch_),
                      .continued_size = continued_size_};
  open_slot(at, head);
  if (!in_scratch_) slots_[current_].head = head;
  if (calls_) calls_at_start_ = calls_->list();
  bulk_used_ = 0;
  open.events = at + SlotShape::head_size;
  open.payload = small_bodies();
  open.payload_limit = open.payload + shape_.payload_limit;
  open.committed = reinterpret_cast<std::uint32_t*>(at + offsetof(SlotHead, committed));
  open.count = 0;
  open.barrier = 0;
  open.capacity = precise_ ? 0 : shape_.slot.event_capacity;
}

/// The open block goes to who writes, or is counted as dropped.
void Recorder::Impl::close_block(detail::OpenBlock& open) {
  if (calls_) {
    calls_->apply({open.events, std::size_t{open.count} * sizeof(EventStruct)}, base_sequence_,
                  block_continued_size_ != 0);
  }
  base_sequence_ += open.count;
  if (in_scratch_) {
    dropped_ += open.count;
    dropped_before_ += open.count;
    return;
  }
  if (open.count == 0) return;
  Slot& slot = slots_[current_];
  slot.events = open.count;
  slot.payloads = static_cast<std::uint32_t>(open.payload - small_bodies());
  slot.bulk = bulk_used_;
  slot.dropped = std::exchange(dropped_before_, 0);
  if (calls_) slot.open_calls = std::move(calls_at_start_);
  current_ = (current_ + 1) % slots_.size();
  hand_over();
}

/// Opens the next slot, or, when none is free and the block need not be kept, the scratch.
void Recorder::Impl::next_block(detail::OpenBlock& open, bool must_keep) {
  close_block(open);
  bool keep = true;
  {
    std::unique_lock lock(mutex_);
    const auto free = [&] { return full_ < slots_.size(); };
    if (when_full_ == WhenFull::wait || must_keep) {
      progress_.wait(lock, [&] { return free() || failure_; });
    }
    keep = free();
  }
  // What comes after a failure is never written, and what waits stays where it is [OPEN-05].
  if (!keep && !scratch_) scratch_.emplace(shape_.slot.slot_size());
  in_scratch_ = !keep;
  open_block(open, keep ? slots_[current_].at : scratch_->get());
}

void Recorder::Impl::append_long(detail::OpenBlock& open, EventStruct head, std::uint64_t detail,
                                 Bytes body) {
  if (closed_) return;
  if (in_scratch_ && body.size() > limits::piece_size) {
    next_block(open, false);
    if (in_scratch_) return drop_body(open, head, detail, body.size());
  }
  const std::uint64_t time = now(open);
  const bool in_pieces = body.size() > limits::piece_size;
  put_in_pieces(head, time - open.time, detail, body,
                [&](const EventStruct& piece, Bytes prefixes, Bytes part, std::size_t rest) {
                  put_piece(open, piece, prefixes, part,
                            in_pieces);  // what was begun is kept whole
                  open.time = time;
                  continued_size_ = rest;
                  return true;
                });
  if (in_pieces) open.barrier = open.count;
}

void Recorder::Impl::put_piece(detail::OpenBlock& open, EventStruct head, Bytes prefixes,
                               Bytes body, bool must_keep) {
  const bool in_bulk = body.size() >= limits::bulk_threshold;  // [EVENT-03]
  if (open.count == shape_.slot.event_capacity || open.payload >= open.payload_limit ||
      (in_bulk && bulk_used_ >= shape_.bulk_limit)) {
    next_block(open, must_keep);
  }
  head.payload_size = static_cast<std::uint32_t>(body.size());
  store(open.events + std::size_t{open.count} * sizeof head, head);
  std::copy(prefixes.begin(), prefixes.end(), open.payload);
  open.payload += prefixes.size();
  if (in_bulk) {
    std::memcpy(at_ + shape_.slot.bulk_at() + bulk_used_, body.data(), body.size());
    bulk_used_ += head.payload_size;
  } else {
    detail::copy_small(open.payload, body.data(), body.size());
    open.payload += body.size();
  }
  std::atomic_ref(*open.committed).store(++open.count, std::memory_order_release);  // [OPEN-04]
}

/// An event in pieces that is not kept has the numbers that it would have had.
void Recorder::Impl::drop_body(detail::OpenBlock& open, const EventStruct& head,
                               std::uint64_t detail, std::size_t size) {
  close_block(open);
  const std::uint64_t pieces = (size + limits::piece_size - 1) / limits::piece_size;
  if (calls_) {
    calls_->apply(static_cast<EventKind>(head.kind), base_sequence_, head.subject,
                  static_cast<std::uint32_t>(detail));
  }
  base_sequence_ += pieces;
  dropped_ += pieces;
  dropped_before_ += pieces;
  open_block(open, scratch_->get());
}

void Recorder::Impl::hand_over() {
  {
    const std::lock_guard lock(mutex_);
    ++full_;
    if (pool_ != nullptr) {
      if (scheduled_ || failure_) return;
      scheduled_ = true;
    }
  }
  if (pool_ != nullptr) {
    pool_->schedule(*this);
  } else {
    write_oldest();
  }
}

void Recorder::Impl::run() {
  write_oldest();
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    more = full_ != 0 && !failure_;
    scheduled_ = more;
    // Under the lock: who waits for the last block destroys this.
    if (!more) progress_.notify_all();
  }
  if (more) pool_->schedule(*this);
}

void Recorder::Impl::write_oldest() {
  Slot* slot = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (full_ == 0 || failure_) return;
    slot = &slots_[oldest_];
  }
  Result<void> put;
  {
    const std::lock_guard lock(stream_mutex_);
    put = writer_.put(slot->filled(shape_.slot));
  }
  const std::lock_guard lock(mutex_);
  if (!put) {
    failure_ = put.error();
  } else {
    --full_;
    oldest_ = (oldest_ + 1) % slots_.size();
  }
  progress_.notify_all();
}

/// Waits until no thread is in here.
void Recorder::Impl::settle() {
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [this] { return !scheduled_; });
}

Result<void> Recorder::Impl::define(std::span<const Definition> definitions) {
  const std::lock_guard lock(stream_mutex_);
  FrameStream& stream = writer_.stream();
  for (const Definition& definition : definitions) {
    auto added = stream.judge(definition);
    if (!added) return tl::unexpected(added.error());
    if (!*added) continue;
    if (auto defined = stream.define(definition); !defined) return defined;
  }
  return stream.put_definitions();  // [OPEN-05]
}

Result<std::uint32_t> Recorder::Impl::attach(std::string_view name, ByteSource& source,
                                             std::uint64_t size) {
  const std::lock_guard lock(stream_mutex_);
  return writer_.stream().attach(name, source, size);
}

void Recorder::Impl::close_all(detail::OpenBlock& open) {
  if (!closed_) close_block(open);
  closed_ = true;
  open.count = open.barrier = open.capacity = 0;
  settle();
}

Result<void> Recorder::Impl::flush(detail::OpenBlock& open) {
  if (!closed_ && open.count != 0) next_block(open, false);
  settle();
  if (auto failed = error()) return tl::unexpected(*failed);
  const std::lock_guard lock(stream_mutex_);
  return writer_.stream().flush();
}

Result<void> Recorder::Impl::finish(detail::OpenBlock& open, bool keep) {
  close_all(open);
  if (auto failed = error()) return tl::unexpected(*failed);
  const std::lock_guard lock(stream_mutex_);
  if (auto still = writer_.stream().still_open(); !still) return still;
  if (!keep) {
    if (!file_) return writer_.stream().flush();
    std::remove(file_->path().c_str());
  } else {
    if (dropped_before_ != 0) {
      if (auto gap = writer_.put_gap(dropped_before_); !gap) return gap;
    }
    if (auto finished = writer_.stream().finish(); !finished) return finished;
    if (file_ && file_->let_go()) {
      if (auto whole = complete_ring(file_->path()); !whole) return whole;
    }
  }
  if (mapping_) std::remove(open_path(file_->path()).c_str());  // [OPEN-01]
  return {};
}

std::optional<Error> Recorder::Impl::error() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Recorder::~Recorder() { impl_->close_all(open_); }

namespace {

/// The trace info with what its recorder knows: a uuid, if it has none, and the clock's members.
TraceInfo completed(TraceInfo info) {
  if (info.uuid.empty()) {
    std::random_device device;
    for (int i = 0; i < 4; ++i) append_number(info.uuid, static_cast<std::uint32_t>(device()));
  }
  if (info.clock == Clock::none) return info;
  if (info.clock == Clock::coarse) info.clock_unit = CoarseClock::unit;
  if (info.clock_unit == 0) info.clock_unit = 100;
  if (info.start_time == 0) {
    info.start_time =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                       std::chrono::system_clock::now().time_since_epoch())
                                       .count());
  }
  return info;
}

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::create(ByteSink& sink, const TraceInfo& given,
                                                   const RecorderOptions& options) {
  const TraceInfo info = completed(given);
  auto stream = FrameStream::create(sink, info, options.frames);
  if (!stream) return tl::unexpected(stream.error());
  std::unique_ptr<Recorder> recorder(
      new Recorder(std::make_unique<Impl>(std::move(*stream), info, options, nullptr)));
  auto begun = recorder->impl_->begin(recorder->open_, false, IfExists::refuse);
  if (!begun) return tl::unexpected(begun.error());
  return recorder;
}

Result<std::unique_ptr<Recorder>> Recorder::create_file(const RecordingFile& file,
                                                        const TraceInfo& given,
                                                        const RecorderOptions& options) {
  const TraceInfo info = completed(given);
  auto created = FileSink::create(file.path, file.if_exists);
  if (!created) return tl::unexpected(created.error());
  auto sink = std::make_unique<RecordingSink>(std::move(*created), file.ring, file.sync);
  auto stream = FrameStream::create(*sink, info, options.frames);
  if (!stream) {
    std::remove(file.path.c_str());
    return tl::unexpected(stream.error());
  }
  std::unique_ptr<Recorder> recorder(
      new Recorder(std::make_unique<Impl>(std::move(*stream), info, options, std::move(sink))));
  auto begun = recorder->impl_->begin(recorder->open_, file.open_file, file.if_exists);
  if (!begun) {
    std::remove(file.path.c_str());
    return tl::unexpected(begun.error());
  }
  return recorder;
}

void Recorder::append_long(EventKind kind, std::uint8_t flags, std::uint32_t subject,
                           std::uint64_t detail, Bytes body) {
  EventStruct head;
  head.kind = static_cast<std::uint8_t>(kind);
  head.flags = flags;
  head.subject = subject;
  impl_->append_long(open_, head, detail, body);
}

Result<void> Recorder::define(std::span<const Definition> definitions) {
  return impl_->define(definitions);
}
Result<std::uint32_t> Recorder::attach(std::string_view name, ByteSource& source,
                                       std::uint64_t size) {
  return impl_->attach(name, source, size);
}
Result<void> Recorder::flush() { return impl_->flush(open_); }
Result<void> Recorder::finish(bool keep) { return impl_->finish(open_, keep); }
std::optional<Error> Recorder::error() const { return impl_->error(); }
std::uint64_t Recorder::next_sequence() const { return impl_->next_sequence(open_); }
std::uint64_t Recorder::dropped() const { return impl_->dropped(open_); }

namespace {

/// A struct of the schema, byte for byte.
template <class... Members>
std::array<std::uint8_t, (sizeof(Members) + ...)> packed(Members... members) {
  std::array<std::uint8_t, (sizeof(Members) + ...)> bytes;
  std::size_t at = 0;
  ((store(&bytes[at], members), at += sizeof members), ...);
  return bytes;
}

}  // namespace

void Recorder::trap(std::uint32_t function, TrapCode code, TrapPayload payload,
                    std::string_view message) {
  const auto head = packed(static_cast<std::uint8_t>(payload.origin), std::uint8_t{0},
                           std::uint16_t{0}, payload.status);
  std::vector<std::uint8_t> body(head.begin(), head.end());
  message = message.substr(0, limits::piece_size - head.size());
  body.insert(body.end(), message.begin(), message.end());
  append(EventKind::trap, function, static_cast<std::uint32_t>(code), body);
}
void Recorder::task_resolve(std::uint32_t function, std::uint32_t call, std::uint32_t state) {
  append(EventKind::task_resolve, function, call, packed(state));
}
void Recorder::copy(std::uint32_t instance, std::uint32_t handle, CopyPayload payload) {
  append(EventKind::copy, instance, handle,
         packed(payload.direction, payload.result, static_cast<std::uint8_t>(payload.is_future),
                std::uint8_t{0}, payload.count));
}
void Recorder::grow(std::uint32_t subject, bool table, GrowPayload payload) {
  append(EventKind::grow, subject, table ? 1 : 0, packed(payload.delta, payload.result));
}
void Recorder::digest(std::uint32_t memory, HashPayload payload) {
  append(EventKind::digest, memory, 0, packed(payload.size, payload.hash));
}
void Recorder::marker(std::string_view name_space, Bytes bytes) {
  std::vector<std::uint8_t> body(name_space.begin(), name_space.end());
  body.insert(body.end(), bytes.begin(), bytes.end());
  append(EventKind::marker, 0, name_space.size(), body);
}

}  // namespace crossing
