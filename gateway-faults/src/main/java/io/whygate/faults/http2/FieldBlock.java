package io.whygate.faults.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;

/// Lists of fields as HPACK has them (RFC 7541), without its tables: what is written is literal,
/// and of what is read only the path is looked for.
public final class FieldBlock {
  private static final int PATH = 4;
  private static final int PATH_IS_ROOT = 0x84;

  private final byte[] bytes;
  private int at;

  private FieldBlock(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /// A block of fields as `name: value`; names are not changed.
  public static byte[] of(String... fields) {
    var out = new ByteArrayOutputStream();
    for (String each : fields) {
      int colon = each.startsWith(": ") ? 0 : each.indexOf(": ", 1);
      out.write(0);
      string(out, each.substring(0, colon));
      string(out, each.substring(colon + 2));
    }
    return out.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    if (bytes.length < 127) {
      out.write(bytes.length);
    } else {
      out.write(127);
      int rest = bytes.length - 127;
      while (rest > 127) {
        out.write((rest & 127) | 128);
        rest >>>= 7;
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }

  /// The path in a block; empty where it is packed.
  static String path(byte[] block, int from) {
    return new FieldBlock(block, from).path();
  }

  private String path() {
    while (at < bytes.length) {
      int first = bytes[at] & 0xff;
      if (first == PATH_IS_ROOT) {
        return "/";
      }
      if (first >= 0x80) {
        integer(7);
      } else if (first >= 0x20 && first < 0x40) {
        integer(5);
      } else {
        int name = integer(first >= 0x40 ? 6 : 4);
        if (name == 0) {
          string();
        }
        String value = string();
        if (name == PATH) {
          return value;
        }
      }
    }
    return "";
  }

  private int integer(int prefix) {
    int most = (1 << prefix) - 1;
    int value = bytes[at++] & most;
    if (value < most) {
      return value;
    }
    int shift = 0;
    int next;
    do {
      next = bytes[at++];
      value += (next & 0x7f) << shift;
      shift += 7;
    } while ((next & 0x80) != 0);
    return value;
  }

  private String string() {
    boolean packed = (bytes[at] & 0x80) != 0;
    int length = integer(7);
    String text = packed ? "" : new String(bytes, at, length, ISO_8859_1);
    at += length;
    return text;
  }
}
