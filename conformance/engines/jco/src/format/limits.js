/** The numbers of spec/limits.md, and those of the container that have no name there. */
export const LIMITS = Object.freeze({
  frame_decoded_size: 16777216,
  piece_size: 65536,
  payload_size: 268435456,
  bulk_threshold: 256,
  attachment_piece_size: 262144,
  attachment_size: 4294967296,
  attachments: 1024,
  definitions: 65536,
  definition_bytes: 16777216,
  body_tables: 1048576,
  body_text: 16777216,
  string_size: 65536,
  open_calls: 1024,
  index_interval: 4096,
  type_depth: 64,
  core_signature: 64,
  value_parts: 4194304,
  live_handles: 1048576,
});

/** "None" in every id and index member [DEF-03]. */
export const NONE = 4294967295;

export const FORMAT_MAJOR = 0;
export const FORMAT_MINOR = 1;
