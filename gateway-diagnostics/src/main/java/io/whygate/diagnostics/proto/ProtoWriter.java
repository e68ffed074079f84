package io.whygate.diagnostics.proto;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes messages of Protocol Buffers. What is empty or 0 is left out, as their language version 3
/// has it. Its buffer grows with the message. Not safe for use by several threads.
public final class ProtoWriter {
  private static final int FIRST = 2048;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private byte[] bytes = new byte[FIRST];
  private int size;

  public ProtoWriter clear() {
    size = 0;
    return this;
  }

  public byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  public ProtoWriter text(int field, String text) {
    return text.isEmpty() ? this : bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  public ProtoWriter bytes(int field, byte[] value) {
    tag(field, LENGTH);
    varint(value.length);
    return raw(value);
  }

  /// Appends what was written elsewhere, with its tags.
  public ProtoWriter raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  public ProtoWriter number(int field, long value) {
    if (value != 0) {
      evenZero(field, value);
    }
    return this;
  }

  /// The same for a member of a oneof, where 0 is a value.
  public ProtoWriter evenZero(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  public ProtoWriter fixed64(int field, long value) {
    tag(field, FIXED64);
    fixed(value, Long.BYTES);
    return this;
  }

  public ProtoWriter fixed32(int field, int value) {
    tag(field, FIXED32);
    fixed(value, Integer.BYTES);
    return this;
  }

  /// An id of bytes that two numbers hold, the highest first.
  public ProtoWriter id(int field, long high, long low) {
    tag(field, LENGTH);
    varint(2 * Long.BYTES);
    bigEndian(high);
    bigEndian(low);
    return this;
  }

  /// An id of bytes that a number holds, the highest first.
  public ProtoWriter id(int field, long id) {
    tag(field, LENGTH);
    varint(Long.BYTES);
    bigEndian(id);
    return this;
  }

  /// Begins a message within.
  ///
  /// @return what ends it
  public int begin(int field) {
    tag(field, LENGTH);
    room(1);
    return size++;
  }

  /// Ends a message within: its length takes its place before it.
  public ProtoWriter end(int begun) {
    int length = size - begun - 1;
    int more = 0;
    for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
      more++;
    }
    room(more);
    System.arraycopy(bytes, begun + 1, bytes, begun + 1 + more, length);
    size = begun;
    varint(length);
    size += length;
    return this;
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private void fixed(long value, int count) {
    room(count);
    for (int i = 0; i < count; i++) {
      bytes[size++] = (byte) (value >>> (8 * i));
    }
  }

  private void bigEndian(long value) {
    fixed(Long.reverseBytes(value), Long.BYTES);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
