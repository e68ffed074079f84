package io.whygate.diagnostics.store;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/// The checksum of some bytes, as eight hexadecimal digits.
final class Checksum {
  static final int LENGTH = 8;

  private Checksum() {}

  static String of(byte[] bytes, int from, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, from, length);
    return HexFormat.of().toHexDigits((int) sum.getValue());
  }
}
