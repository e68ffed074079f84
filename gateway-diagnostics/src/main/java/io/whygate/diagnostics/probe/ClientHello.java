package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Greeted.GreetOutcome;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/// A TLS ClientHello (RFC 8446 section 4.1.2) written by hand, to learn from the first record of
/// the answer what a server would agree to, also to what the JDK no longer offers.
public final class ClientHello {
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;
  private static final int TLS_1_0 = 0x0301;
  private static final int TLS_1_1 = 0x0302;
  private static final int TLS_1_2 = 0x0303;
  private static final int TLS_1_3 = 0x0304;

  private static final int[] CURRENT_SUITES = {
    0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9
  };
  private static final int[] ALL_SUITES = {
    0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0xC009, 0xC00A, 0xC013,
    0xC014, 0xC023, 0xC024, 0xC027, 0xC028, 0x009C, 0x009D, 0x009E, 0x009F, 0x0033, 0x0039, 0x0067,
    0x006B, 0x003C, 0x003D, 0x002F, 0x0035, 0x000A, 0x0005, 0x0004, 0xCCAA, 0xC0AC, 0xC0AD, 0xC09C,
    0xC09D, 0x0041, 0x0084, 0x0016, 0xC012, 0xC008, 0xC011, 0xC007
  };

  /// What a greeting offers.
  public enum Kind {
    USUAL("as the gateway greets", TLS_1_2, true, false, true),
    ANY_SUITE("TLS 1.3 and 1.2 with every cipher suite", TLS_1_2, true, true, true),
    NAMELESS("without a server name", TLS_1_2, true, false, false),
    VERSION_1_2("TLS 1.2 alone, with every cipher suite", TLS_1_2, false, true, true),
    OLD("TLS 1.1 and 1.0 alone", TLS_1_1, false, true, true);

    private final String words;
    private final int version;
    private final boolean version13;
    private final boolean everySuite;
    private final boolean named;

    Kind(String words, int version, boolean version13, boolean everySuite, boolean named) {
      this.words = words;
      this.version = version;
      this.version13 = version13;
      this.everySuite = everySuite;
      this.named = named;
    }

    /// What it offers, for operators.
    public String words() {
      return words;
    }
  }

  private ClientHello() {}

  /// Connects, sends one greeting, and reads the first record of the answer.
  static Greeted greet(
      InetSocketAddress target, TlsProbe.Greeting greeting, Kind kind, Deadline deadline) {
    try (var socket = new Socket()) {
      try {
        socket.connect(target, deadline.remainingMillis());
      } catch (IOException e) {
        return greeted(target, kind, GreetOutcome.NOT_CONNECTED);
      }
      socket.setSoTimeout(deadline.remainingMillis());
      socket.getOutputStream().write(greeting.opening().own());
      socket.getOutputStream().write(record(kind, greeting.serverName()));
      return read(socket.getInputStream(), target, kind);
    } catch (SocketTimeoutException e) {
      return greeted(target, kind, GreetOutcome.SILENT);
    } catch (IOException e) {
      return greeted(target, kind, GreetOutcome.CLOSED);
    }
  }

  private static Greeted greeted(InetSocketAddress target, Kind kind, GreetOutcome outcome) {
    return new Greeted(target, kind, outcome, -1, "");
  }

  private static Greeted read(InputStream in, InetSocketAddress target, Kind kind)
      throws IOException {
    byte[] head = in.readNBytes(7);
    if (head.length == 0) {
      return greeted(target, kind, GreetOutcome.CLOSED);
    }
    boolean record = head.length == 7 && head[1] == 3;
    if (record && head[0] == ALERT) {
      return new Greeted(target, kind, GreetOutcome.ALERT, head[6] & 0xFF, "");
    }
    if (record && head[0] == HANDSHAKE) {
      return greeted(target, kind, agreed(in, kind));
    }
    return new Greeted(
        target, kind, GreetOutcome.NOT_TLS, -1, new String(head, StandardCharsets.ISO_8859_1));
  }

  /// Reads the version that a ServerHello picks; that of TLS 1.3 calls itself 1.2 here.
  private static GreetOutcome agreed(InputStream in, Kind kind) throws IOException {
    byte[] rest = in.readNBytes(4);
    if (rest.length < 4) {
      return GreetOutcome.CLOSED;
    }
    int picked = (rest[2] & 0xFF) << 8 | (rest[3] & 0xFF);
    return picked < TLS_1_2 && kind != Kind.OLD ? GreetOutcome.OLDER_VERSION : GreetOutcome.AGREED;
  }

  private static byte[] record(Kind kind, String serverName) throws IOException {
    byte[] hello = hello(kind, serverName);
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(HANDSHAKE);
    out.writeShort(TLS_1_0);
    out.writeShort(hello.length + 4);
    out.writeByte(1);
    out.writeByte(0);
    out.writeShort(hello.length);
    out.write(hello);
    return bytes.toByteArray();
  }

  private static byte[] hello(Kind kind, String serverName) throws IOException {
    var random = new SecureRandom();
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeShort(kind.version);
    out.write(random(random, 32));
    out.writeByte(32);
    out.write(random(random, 32));
    int[] suites = kind.everySuite ? ALL_SUITES : CURRENT_SUITES;
    out.writeShort(suites.length * 2);
    for (int suite : suites) {
      out.writeShort(suite);
    }
    out.writeByte(1);
    out.writeByte(0);
    byte[] extensions = extensions(kind, serverName, random);
    out.writeShort(extensions.length);
    out.write(extensions);
    return bytes.toByteArray();
  }

  private static byte[] extensions(Kind kind, String serverName, SecureRandom random)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    if (kind.named && TlsProbe.isHostName(serverName)) {
      byte[] name = serverName.getBytes(StandardCharsets.US_ASCII);
      extension(out, 0, name.length + 5);
      out.writeShort(name.length + 3);
      out.writeByte(0);
      out.writeShort(name.length);
      out.write(name);
    }
    shorts(out, 10, 0x001D, 0x0017, 0x0018, 0x0019);
    extension(out, 11, 2);
    out.writeByte(1);
    out.writeByte(0);
    shorts(
        out, 13, 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0401, 0x0501,
        0x0601, 0x0203, 0x0201);
    extension(out, 16, 11);
    out.writeShort(9);
    out.writeByte(8);
    out.write("http/1.1".getBytes(StandardCharsets.US_ASCII));
    if (kind.version13) {
      extension(out, 43, 5);
      out.writeByte(4);
      out.writeShort(TLS_1_3);
      out.writeShort(TLS_1_2);
      extension(out, 51, 38);
      out.writeShort(36);
      out.writeShort(0x001D);
      out.writeShort(32);
      out.write(random(random, 32));
    }
    return bytes.toByteArray();
  }

  private static void extension(DataOutputStream out, int type, int length) throws IOException {
    out.writeShort(type);
    out.writeShort(length);
  }

  private static void shorts(DataOutputStream out, int type, int... values) throws IOException {
    extension(out, type, values.length * 2 + 2);
    out.writeShort(values.length * 2);
    for (int value : values) {
      out.writeShort(value);
    }
  }

  private static byte[] random(SecureRandom random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
