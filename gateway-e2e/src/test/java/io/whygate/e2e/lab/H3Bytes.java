package io.whygate.e2e.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Frames of HTTP/3, byte by byte (RFC 9114 section 7), with fields by QPACK's static table (RFC
/// 9204 appendix A).
public final class H3Bytes {
  /// A field of 101 bytes, as lists count, in one: strict-transport-security with all that it may
  /// have.
  private static final byte LARGE_FIELD = (byte) (0xc0 | 58);

  private static final byte METHOD_GET = (byte) (0xc0 | 17);
  private static final byte METHOD_POST = (byte) (0xc0 | 20);
  private static final byte SCHEME_HTTPS = (byte) (0xc0 | 23);
  private static final byte LITERAL_PATH = 0x51;
  private static final byte LITERAL_AUTHORITY = 0x50;

  private H3Bytes() {}

  public static byte[] get(String path) {
    return headers(METHOD_GET, path, 0);
  }

  public static byte[] post(String path) {
    return headers(METHOD_POST, path, 0);
  }

  /// A GET whose list of fields is a hundred times as large as what is sent of it.
  public static byte[] bomb(int fields) {
    return headers(METHOD_GET, "/ok", fields);
  }

  private static byte[] headers(byte method, String path, int largeFields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.writeBytes(new byte[] {0, 0, method, SCHEME_HTTPS, LITERAL_PATH, (byte) path.length()});
    block.writeBytes(path.getBytes(ISO_8859_1));
    block.writeBytes(new byte[] {LITERAL_AUTHORITY, 1, 'a'});
    byte[] large = new byte[largeFields];
    Arrays.fill(large, LARGE_FIELD);
    block.writeBytes(large);
    byte[] length = {(byte) (0x40 | block.size() >> 8), (byte) block.size()};
    return join(new byte[] {1}, length, block.toByteArray());
  }

  /// DATA with these.
  public static byte[] data(String content) {
    return join(new byte[] {0, (byte) content.length()}, content.getBytes(ISO_8859_1));
  }

  public static byte[] repeat(byte[] frame, int times) {
    byte[][] all = new byte[times][];
    Arrays.fill(all, frame);
    return join(all);
  }

  public static byte[] join(byte[]... all) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (byte[] each : all) {
      joined.writeBytes(each);
    }
    return joined.toByteArray();
  }
}
