package io.whygate.gateway.http2;

import io.netty.buffer.ByteBuf;

/// Writes blocks of compressed fields (RFC 7541). One object a connection; confined to its event
/// loop.
///
/// A field that comes a second time soon after the first enters the table, and costs a byte or two
/// from then on; what changes with every message never does. Strings are not Huffman-coded: it
/// would save less than it costs.
public final class HpackEncoder {
  private static final int OVERHEAD = 32;
  private static final int MAX_CAPACITY = 4096;
  private static final int SLOTS = MAX_CAPACITY / OVERHEAD;
  private static final int BUCKETS = 64;
  private static final int MAX_INDEXED_VALUE = 256;

  private final byte[][] entries = new byte[SLOTS][];
  private final int[] nameLengths = new int[SLOTS];
  private final int[] hashes = new int[SLOTS];
  private final int[] following = new int[SLOTS];
  private final int[] buckets = new int[BUCKETS];
  private final int[] seen = new int[256];

  /// Numbers entries from 1 in the order in which they came.
  private int newest;

  private int oldest = 1;
  private int size;
  private int capacity = MAX_CAPACITY;
  private int announced = MAX_CAPACITY;
  private int least = MAX_CAPACITY;

  /// Uses a table no larger than this: what the peer allows.
  public void limit(long peersTableSize) {
    capacity = (int) Math.min(peersTableSize, MAX_CAPACITY);
    least = Math.min(least, capacity);
    while (size > capacity) {
      evict();
    }
  }

  /// Begins a block.
  public void begin(ByteBuf out) {
    if (least < announced) {
      integer(out, 0x20, 5, least);
      announced = least;
    }
    if (capacity != announced) {
      integer(out, 0x20, 5, capacity);
      announced = capacity;
    }
    least = capacity;
  }

  /// Writes `:status`.
  public void status(ByteBuf out, int status) {
    int index =
        switch (status) {
          case 200 -> 8;
          case 204 -> 9;
          case 206 -> 10;
          case 304 -> 11;
          case 400 -> 12;
          case 404 -> 13;
          case 500 -> 14;
          default -> 0;
        };
    if (index > 0) {
      out.writeByte(0x80 | index);
      return;
    }
    out.writeByte(8).writeByte(3);
    out.writeByte('0' + status / 100 % 10);
    out.writeByte('0' + status / 10 % 10);
    out.writeByte('0' + status % 10);
  }

  /// Writes a field; its name in lower case.
  public void field(
      ByteBuf out,
      byte[] name,
      int nameStart,
      int nameEnd,
      byte[] value,
      int valueStart,
      int valueEnd) {
    int known = StaticTable.find(name, nameStart, nameEnd);
    if (!repeats(known) || valueEnd - valueStart > MAX_INDEXED_VALUE) {
      int pattern = isSecret(known) ? 0x10 : 0;
      literal(out, pattern, 4, known, name, nameStart, nameEnd, value, valueStart, valueEnd);
      return;
    }
    int hash = hash(name, nameStart, nameEnd, value, valueStart, valueEnd);
    for (int i = buckets[hash & (BUCKETS - 1)]; i >= oldest; i = following[i % SLOTS]) {
      if (hashes[i % SLOTS] == hash
          && is(i % SLOTS, name, nameStart, nameEnd, value, valueStart, valueEnd)) {
        integer(out, 0x80, 7, StaticTable.SIZE + 1 + newest - i);
        return;
      }
    }
    if (seen[hash & 255] != hash) {
      seen[hash & 255] = hash;
      literal(out, 0, 4, known, name, nameStart, nameEnd, value, valueStart, valueEnd);
      return;
    }
    literal(out, 0x40, 6, known, name, nameStart, nameEnd, value, valueStart, valueEnd);
    enter(hash, name, nameStart, nameEnd, value, valueStart, valueEnd);
  }

  /// Writes a field so that the block may be sent at any time: it neither uses nor changes the
  /// table.
  public static void plain(
      ByteBuf out,
      byte[] name,
      int nameStart,
      int nameEnd,
      byte[] value,
      int valueStart,
      int valueEnd) {
    int known = StaticTable.find(name, nameStart, nameEnd);
    literal(out, 0, 4, known, name, nameStart, nameEnd, value, valueStart, valueEnd);
  }

  /// Whether a field is likely to come again with the same value: not the ones that tell one answer
  /// from another, and no secrets.
  private static boolean repeats(int known) {
    return switch (known) {
      case 4, 5, 21, 23, 28, 29, 30, 32, 34, 36, 40, 41, 44, 46, 49, 50, 55 -> false;
      default -> true;
    };
  }

  /// Whether no hop may ever put a field into a table (RFC 7541 section 7.1.3): Authorization,
  /// Cookie, Proxy-Authorization, Set-Cookie.
  private static boolean isSecret(int known) {
    return known == 23 || known == 32 || known == 49 || known == 55;
  }

  private static void literal(
      ByteBuf out,
      int pattern,
      int prefix,
      int known,
      byte[] name,
      int nameStart,
      int nameEnd,
      byte[] value,
      int valueStart,
      int valueEnd) {
    integer(out, pattern, prefix, known);
    if (known == 0) {
      integer(out, 0, 7, nameEnd - nameStart);
      for (int i = nameStart; i < nameEnd; i++) {
        out.writeByte(lower(name[i]));
      }
    }
    integer(out, 0, 7, valueEnd - valueStart);
    out.writeBytes(value, valueStart, valueEnd - valueStart);
  }

  private static void integer(ByteBuf out, int pattern, int prefix, int value) {
    int most = (1 << prefix) - 1;
    if (value < most) {
      out.writeByte(pattern | value);
      return;
    }
    out.writeByte(pattern | most);
    int rest = value - most;
    while (rest > 0x7f) {
      out.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  private static int hash(byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    int hash = ne - ns;
    for (int i = ns; i < ne; i++) {
      hash = hash * 31 + lower(name[i]);
    }
    for (int i = vs; i < ve; i++) {
      hash = hash * 31 + value[i];
    }
    hash ^= hash >>> 15;
    return hash == 0 ? 1 : hash;
  }

  private boolean is(int slot, byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    byte[] entry = entries[slot];
    int nameLength = nameLengths[slot];
    if (nameLength != ne - ns || entry.length - nameLength != ve - vs) {
      return false;
    }
    for (int i = 0; i < nameLength; i++) {
      if (entry[i] != lower(name[ns + i])) {
        return false;
      }
    }
    for (int i = 0; i < ve - vs; i++) {
      if (entry[nameLength + i] != value[vs + i]) {
        return false;
      }
    }
    return true;
  }

  private void enter(int hash, byte[] name, int ns, int ne, byte[] value, int vs, int ve) {
    byte[] entry = new byte[ne - ns + ve - vs];
    while (newest >= oldest && size + entry.length + OVERHEAD > capacity) {
      evict();
    }
    if (entry.length + OVERHEAD > capacity) {
      return;
    }
    for (int i = 0; i < ne - ns; i++) {
      entry[i] = lower(name[ns + i]);
    }
    System.arraycopy(value, vs, entry, ne - ns, ve - vs);
    newest++;
    int slot = newest % SLOTS;
    entries[slot] = entry;
    nameLengths[slot] = ne - ns;
    hashes[slot] = hash;
    following[slot] = buckets[hash & (BUCKETS - 1)];
    buckets[hash & (BUCKETS - 1)] = newest;
    size += entry.length + OVERHEAD;
  }

  private void evict() {
    size -= entries[oldest % SLOTS].length + OVERHEAD;
    oldest++;
  }

  private static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }
}
