package io.whygate.faults;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Handwritten TLS records, for servers that the JDK is too modern to be.
final class TlsRecords {
  private static final int RANDOM_END = 4 + 2 + 32;
  private static final int RENEGOTIATION_SIGNAL = 0x00ff;
  private static final int TLS13_SUITES = 0x13;

  /// AES-CBC with SHA-1, by RSA, ECDHE_RSA and ECDHE_ECDSA: all that TLS 1.0 knows of today's.
  private static final int[] OLD_SUITES = {0x002f, 0x0035, 0xc013, 0xc014, 0xc009, 0xc00a};

  private TlsRecords() {}

  /// A fatal alert (RFC 8446 section 6).
  static byte[] fatalAlert(int number) {
    return new byte[] {0x15, 3, 3, 0, 2, 2, (byte) number};
  }

  /// The ServerHello of a server that knows nothing newer than TLS 1.0 or 1.1 (RFC 4346 section
  /// 7.4.1.3), in reply to the payload of a ClientHello.
  static byte[] oldServerHello(byte[] clientHello, String version) {
    byte minor = (byte) (version.equals("TLSv1") ? 1 : 2);
    var hello = new ByteArrayOutputStream();
    hello.writeBytes(new byte[] {3, minor});
    hello.writeBytes(new byte[32]);
    hello.write(0);
    hello.writeBytes(oldSuite(clientHello));
    hello.write(0);
    int length = hello.size();
    var record = new ByteArrayOutputStream();
    record.writeBytes(new byte[] {0x16, 3, minor, 0, (byte) (length + 4)});
    record.writeBytes(new byte[] {2, 0, 0, (byte) length});
    record.writeBytes(hello.toByteArray());
    return record.toByteArray();
  }

  /// The first suite of the client's that an old server has, else any that is a real suite.
  private static byte[] oldSuite(byte[] clientHello) {
    int any = OLD_SUITES[0];
    for (int suite : suites(clientHello)) {
      if (Arrays.stream(OLD_SUITES).anyMatch(old -> old == suite)) {
        return pair(suite);
      }
      if (suite != RENEGOTIATION_SIGNAL && suite >>> 8 != TLS13_SUITES) {
        any = suite;
      }
    }
    return pair(any);
  }

  private static int[] suites(byte[] hello) {
    int at = RANDOM_END;
    at += hello.length > at ? 1 + (hello[at] & 0xff) : 0;
    if (hello.length < at + 2) {
      return new int[0];
    }
    int count = Math.min(number(hello, at), hello.length - at - 2) / 2;
    int first = at + 2;
    return IntStream.range(0, count).map(i -> number(hello, first + 2 * i)).toArray();
  }

  private static int number(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  private static byte[] pair(int suite) {
    return new byte[] {(byte) (suite >>> 8), (byte) suite};
  }
}
