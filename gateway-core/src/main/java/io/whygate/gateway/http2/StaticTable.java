package io.whygate.gateway.http2;

import io.whygate.gateway.http.Grammar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The fields that every HPACK table begins with (RFC 7541 appendix A).
final class StaticTable {
  private static final String FIELDS =
      """
      :authority|
      :method|GET
      :method|POST
      :path|/
      :path|/index.html
      :scheme|http
      :scheme|https
      :status|200
      :status|204
      :status|206
      :status|304
      :status|400
      :status|404
      :status|500
      accept-charset|
      accept-encoding|gzip, deflate
      accept-language|
      accept-ranges|
      accept|
      access-control-allow-origin|
      age|
      allow|
      authorization|
      cache-control|
      content-disposition|
      content-encoding|
      content-language|
      content-length|
      content-location|
      content-range|
      content-type|
      cookie|
      date|
      etag|
      expect|
      expires|
      from|
      host|
      if-match|
      if-modified-since|
      if-none-match|
      if-range|
      if-unmodified-since|
      last-modified|
      link|
      location|
      max-forwards|
      proxy-authenticate|
      proxy-authorization|
      range|
      referer|
      refresh|
      retry-after|
      server|
      set-cookie|
      strict-transport-security|
      transfer-encoding|
      user-agent|
      vary|
      via|
      www-authenticate|
      """;

  /// The number of entries; the dynamic table follows.
  static final int SIZE = 61;

  private static final byte[][] NAMES = new byte[SIZE + 1][];
  private static final byte[][] VALUES = new byte[SIZE + 1][];
  private static final int[][] BY_NAME_LENGTH;

  static {
    String[] lines = FIELDS.split("\n");
    int longest = 0;
    for (int i = 1; i <= SIZE; i++) {
      int bar = lines[i - 1].indexOf('|');
      NAMES[i] = lines[i - 1].substring(0, bar).getBytes(StandardCharsets.US_ASCII);
      VALUES[i] = lines[i - 1].substring(bar + 1).getBytes(StandardCharsets.US_ASCII);
      longest = Math.max(longest, bar);
    }
    BY_NAME_LENGTH = new int[longest + 1][];
    for (int length = 0; length <= longest; length++) {
      List<Integer> found = new ArrayList<>();
      for (int i = 1; i <= SIZE; i++) {
        if (NAMES[i].length == length) {
          found.add(i);
        }
      }
      BY_NAME_LENGTH[length] = found.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  private StaticTable() {}

  /// The name of an entry, from 1; not to be changed.
  static byte[] name(int index) {
    return NAMES[index];
  }

  /// The value of an entry, from 1; not to be changed.
  static byte[] value(int index) {
    return VALUES[index];
  }

  /// The first entry with this name, in any case; 0 where there is none.
  static int find(byte[] bytes, int start, int end) {
    int length = end - start;
    if (length < BY_NAME_LENGTH.length) {
      for (int index : BY_NAME_LENGTH[length]) {
        if (Grammar.equalsIgnoreCase(bytes, start, end, NAMES[index])) {
          return index;
        }
      }
    }
    return 0;
  }
}
