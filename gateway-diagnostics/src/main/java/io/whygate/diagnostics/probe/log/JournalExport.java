package io.whygate.diagnostics.probe.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The export format of systemd's journal: `FIELD=value` lines, a field with line breaks in it as
/// its name, its length and its bytes, an empty line after each entry.
final class JournalExport {
  private JournalExport() {}

  /// One entry.
  record Entry(Instant at, Map<String, String> fields) {
    Entry {
      fields = Map.copyOf(fields);
    }

    Optional<String> field(String name) {
      return Optional.ofNullable(fields.get(name)).filter(value -> !value.isEmpty());
    }
  }

  /// The entries; one that is cut short at the end is left out.
  static List<Entry> read(byte[] bytes) {
    var entries = new ArrayList<Entry>();
    var fields = new HashMap<String, String>();
    int at = 0;
    while (at < bytes.length) {
      int end = end(bytes, at);
      String line = new String(bytes, at, end - at, StandardCharsets.UTF_8);
      int equals = line.indexOf('=');
      if (line.isEmpty()) {
        add(fields, entries);
        fields.clear();
      } else if (equals > 0) {
        fields.put(line.substring(0, equals), line.substring(equals + 1));
      } else {
        int from = end + 9;
        if (from > bytes.length) {
          break;
        }
        long length = ByteBuffer.wrap(bytes, end + 1, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (length < 0 || length > bytes.length - from) {
          break;
        }
        fields.put(line, new String(bytes, from, (int) length, StandardCharsets.UTF_8));
        end = from + (int) length;
      }
      at = end + 1;
    }
    return entries;
  }

  private static int end(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  /// The program's own time, else the journal's; both in microseconds.
  private static void add(Map<String, String> fields, List<Entry> entries) {
    String micros =
        fields.getOrDefault(
            "_SOURCE_REALTIME_TIMESTAMP", fields.getOrDefault("__REALTIME_TIMESTAMP", ""));
    if (micros.matches("\\d{1,18}")) {
      entries.add(new Entry(Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS), fields));
    }
  }
}
