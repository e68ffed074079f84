package io.whygate.faults.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A writer of DER (X.690), as much of it as an X.509 certificate needs. Each method returns one
/// complete element.
final class Der {
  private static final DateTimeFormatter UTC_TIME =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /// RFC 5280 section 4.1.2.5: dates through 2049 are UTCTime, later ones GeneralizedTime.
  private static final Instant LAST_UTC_TIME = Instant.parse("2050-01-01T00:00:00Z");

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return element(0x30, parts);
  }

  static byte[] sequence(List<byte[]> parts) {
    return sequence(parts.toArray(byte[][]::new));
  }

  static byte[] integer(BigInteger value) {
    return element(0x02, value.toByteArray());
  }

  static byte[] integer(long value) {
    return integer(BigInteger.valueOf(value));
  }

  static byte[] bool(boolean value) {
    return element(0x01, new byte[] {(byte) (value ? 0xff : 0)});
  }

  static byte[] nothing() {
    return element(0x05);
  }

  static byte[] octets(byte[] value) {
    return element(0x04, value);
  }

  static byte[] bits(byte[] value) {
    return element(0x03, new byte[] {0}, value);
  }

  /// A BIT STRING of named bits, trailing zero bits dropped as DER asks (X.690 section 11.2.2).
  static byte[] namedBits(int... set) {
    int last = Arrays.stream(set).max().orElse(-1);
    byte[] value = new byte[last / 8 + 1];
    for (int bit : set) {
      value[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return element(0x03, new byte[] {(byte) (7 - last % 8)}, value);
  }

  static byte[] time(Instant when) {
    boolean utc = when.isBefore(LAST_UTC_TIME);
    String text = (utc ? UTC_TIME : GENERALIZED_TIME).format(when);
    return element(utc ? 0x17 : 0x18, text.getBytes(StandardCharsets.US_ASCII));
  }

  /// An object identifier from its dotted form.
  static byte[] oid(String dotted) {
    List<Long> arcs = new ArrayList<>();
    for (String arc : dotted.split("\\.", -1)) {
      arcs.add(Long.parseLong(arc));
    }
    var out = new ByteArrayOutputStream();
    base128(out, arcs.get(0) * 40 + arcs.get(1));
    arcs.stream().skip(2).forEach(arc -> base128(out, arc));
    return element(0x06, out.toByteArray());
  }

  /// A context-specific primitive element: `[number] IMPLICIT`.
  static byte[] implicit(int number, byte[] content) {
    return element(0x80 | number, content);
  }

  /// A context-specific constructed element: `[number] EXPLICIT`.
  static byte[] explicit(int number, byte[]... content) {
    return element(0xa0 | number, content);
  }

  private static byte[] element(int tag, byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    writeLength(out, length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static void writeLength(ByteArrayOutputStream out, int length) {
    if (length < 0x80) {
      out.write(length);
      return;
    }
    int octets = (32 - Integer.numberOfLeadingZeros(length) + 7) / 8;
    out.write(0x80 | octets);
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
      out.write(length >>> shift);
    }
  }

  private static void base128(ByteArrayOutputStream out, long value) {
    int groups = Math.max(1, (64 - Long.numberOfLeadingZeros(value) + 6) / 7);
    for (int group = groups - 1; group >= 0; group--) {
      int bits = (int) (value >>> (group * 7)) & 0x7f;
      out.write(group == 0 ? bits : bits | 0x80);
    }
  }
}
