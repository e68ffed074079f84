package io.whygate.gateway.http2;

import java.util.Arrays;

/// Reads blocks of compressed fields (RFC 7541). One object a connection; confined to its event
/// loop.
///
/// The memory that it keeps is its table, whose size this side sets, and two strings of the block
/// that it reads.
public final class HpackDecoder {
  private static final int OVERHEAD = 32;
  private static final int MAX_INTEGER = 1 << 28;

  private final int capacity;
  private Entry[] ring = new Entry[16];
  private int newest = -1;
  private int count;
  private int size;
  private int limit;

  private byte[] block = {};
  private int at;
  private int end;
  private boolean bad;
  private byte[] nameScratch = new byte[64];
  private byte[] valueScratch = new byte[256];
  private byte[] text = {};
  private int textStart;
  private int textEnd;

  /// A name and a value, one behind the other.
  @SuppressWarnings("ArrayRecordComponent") // never handed out, never compared
  private record Entry(byte[] bytes, int nameLength) {
    int size() {
      return bytes.length + OVERHEAD;
    }
  }

  /// Takes fields in order. The bytes are valid during the call.
  @FunctionalInterface
  public interface Sink {
    void field(byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd);
  }

  /// @param capacity the size of the table that this side announces, by RFC 7541 section 4.1
  public HpackDecoder(int capacity) {
    this.capacity = capacity;
    this.limit = capacity;
  }

  /// Reads a whole block.
  ///
  /// @return whether it kept the rules; if not, the connection cannot be read any further
  public boolean decode(byte[] bytes, int from, int to, Sink sink) {
    block = bytes;
    at = from;
    end = to;
    bad = false;
    boolean sizeMayChange = true;
    while (at < end && !bad) {
      int first = block[at];
      if ((first & 0xe0) == 0x20) {
        int wanted = integer(5);
        if (!sizeMayChange || bad || wanted > capacity) {
          return false;
        }
        limit = wanted;
        shrink(0);
        continue;
      }
      sizeMayChange = false;
      if ((first & 0x80) != 0) {
        indexed(integer(7), sink);
      } else if ((first & 0xc0) == 0x40) {
        literal(integer(6), true, sink);
      } else {
        literal(integer(4), false, sink);
      }
    }
    block = new byte[0];
    return !bad;
  }

  private void indexed(int index, Sink sink) {
    if (index > 0 && index <= StaticTable.SIZE) {
      byte[] name = StaticTable.name(index);
      byte[] value = StaticTable.value(index);
      sink.field(name, 0, name.length, value, 0, value.length);
      return;
    }
    int position = index - StaticTable.SIZE - 1;
    if (index == 0 || position >= count) {
      bad = true;
      return;
    }
    Entry entry = dynamic(position);
    sink.field(entry.bytes, 0, entry.nameLength, entry.bytes, entry.nameLength, entry.bytes.length);
  }

  private Entry dynamic(int position) {
    return ring[(newest - position + ring.length) & (ring.length - 1)];
  }

  private void literal(int index, boolean enters, Sink sink) {
    byte[] name;
    int nameStart = 0;
    int nameEnd;
    if (bad) {
      return;
    }
    if (index == 0) {
      nameScratch = string(nameScratch);
      name = text;
      nameStart = textStart;
      nameEnd = textEnd;
    } else if (index <= StaticTable.SIZE) {
      name = StaticTable.name(index);
      nameEnd = name.length;
    } else if (index - StaticTable.SIZE - 1 < count) {
      Entry entry = dynamic(index - StaticTable.SIZE - 1);
      name = entry.bytes;
      nameEnd = entry.nameLength;
    } else {
      bad = true;
      return;
    }
    if (bad) {
      return;
    }
    valueScratch = string(valueScratch);
    if (bad) {
      return;
    }
    if (enters) {
      enter(name, nameStart, nameEnd, text, textStart, textEnd);
    }
    sink.field(name, nameStart, nameEnd, text, textStart, textEnd);
  }

  /// Reads a string: it lies in the block, or in the scratch, which may be replaced by a larger
  /// one.
  private byte[] string(byte[] scratch) {
    if (at >= end) {
      bad = true;
      return scratch;
    }
    boolean huffman = (block[at] & 0x80) != 0;
    int length = integer(7);
    if (bad || length > end - at) {
      bad = true;
      return scratch;
    }
    int start = at;
    at += length;
    if (!huffman) {
      text = block;
      textStart = start;
      textEnd = at;
      return scratch;
    }
    int most = Huffman.mostDecoded(length);
    byte[] into = most > scratch.length ? new byte[Math.max(most, scratch.length * 2)] : scratch;
    int decoded = Huffman.decode(block, start, at, into);
    bad = decoded < 0;
    text = into;
    textStart = 0;
    textEnd = Math.max(decoded, 0);
    return into.length > 16_384 ? scratch : into;
  }

  /// Reads an integer with a prefix of so many bits (RFC 7541 section 5.1).
  private int integer(int prefix) {
    int most = (1 << prefix) - 1;
    int value = block[at++] & most;
    if (value < most) {
      return value;
    }
    for (int shift = 0; shift <= 21 && at < end; shift += 7) {
      int next = block[at++];
      value += (next & 0x7f) << shift;
      if ((next & 0x80) == 0) {
        if (value <= MAX_INTEGER) {
          return value;
        }
        break;
      }
    }
    bad = true;
    return 0;
  }

  private void enter(
      byte[] name, int nameStart, int nameEnd, byte[] value, int valueStart, int valueEnd) {
    int nameLength = nameEnd - nameStart;
    int valueLength = valueEnd - valueStart;
    if ((long) nameLength + valueLength + OVERHEAD > limit) {
      shrink(limit);
      return;
    }
    byte[] bytes = Arrays.copyOfRange(name, nameStart, nameEnd + valueLength);
    System.arraycopy(value, valueStart, bytes, nameLength, valueLength);
    shrink(bytes.length + OVERHEAD);
    if (count == ring.length) {
      grow();
    }
    newest = (newest + 1) & (ring.length - 1);
    ring[newest] = new Entry(bytes, nameLength);
    count++;
    size += bytes.length + OVERHEAD;
  }

  private void grow() {
    Entry[] larger = new Entry[ring.length * 2];
    for (int i = 0; i < count; i++) {
      larger[count - 1 - i] = dynamic(i);
    }
    ring = larger;
    newest = count - 1;
  }

  /// Makes room for so many bytes.
  private void shrink(int room) {
    while (count > 0 && size + room > limit) {
      size -= dynamic(count - 1).size();
      count--;
    }
  }
}
