package io.whygate.diagnostics.incident;

/// How much is kept of failed exchanges.
///
/// @param count incidents whose first and last exchange are kept; 0 keeps nothing
/// @param bytes the most that is kept of one request's head, bytes
/// @param bodyBytes the most that is kept of one request's body, bytes; 0 keeps no bodies
public record RecordingSettings(int count, int bytes, int bodyBytes) {
  public static final RecordingSettings STANDARD = new RecordingSettings(200, 16 * 1024, 0);
}
