package io.whygate.gateway.connection.pool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What servers are told by a header of version 2 besides the addresses, byte by byte.
final class AnnouncedFieldsTest {
  private static final String ALL =
      "proxy-protocol = v2, proxy-protocol-fields = [alpn, authority, ssl, unique-id, crc32c, received]";
  private static final int FIXED = 16;
  private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1);

  @TempDir private Path folder;

  private final BlockingQueue<byte[]> headers = new LinkedBlockingQueue<>();

  private ScriptedServer server() throws IOException {
    return new ScriptedServer((peer, _) -> {
      headers.add(header(peer.in()));
      peer.serve();
    });
  }

  private static byte[] header(InputStream in) throws IOException {
    byte[] fixed = in.readNBytes(FIXED);
    if (fixed.length < FIXED) {
      return new byte[0];
    }
    int length = ByteBuffer.wrap(fixed).getShort(FIXED - 2);
    byte[] rest = in.readNBytes(length);
    return ByteBuffer.allocate(FIXED + length).put(fixed).put(rest).array();
  }

  /// The fields behind addresses of IPv4, by type.
  private Map<Integer, byte[]> told() throws InterruptedException {
    byte[] header = headers.poll(20, TimeUnit.SECONDS);
    assertThat(header).isNotNull();
    assertThat(header).startsWith(SIGNATURE);
    return fields(header, FIXED + 12);
  }

  private static Map<Integer, byte[]> fields(byte[] all, int start) {
    Map<Integer, byte[]> found = new TreeMap<>();
    ByteBuffer bytes = ByteBuffer.wrap(all).position(start);
    while (bytes.hasRemaining()) {
      int type = Byte.toUnsignedInt(bytes.get());
      byte[] value = new byte[Short.toUnsignedInt(bytes.getShort())];
      if (type == 0x03) {
        byte[] zeroed = all.clone();
        for (int i = 0; i < value.length; i++) {
          zeroed[bytes.position() + i] = 0;
        }
        CRC32C crc = new CRC32C();
        crc.update(zeroed);
        assertThat(bytes.getInt(bytes.position())).isEqualTo((int) crc.getValue());
      }
      bytes.get(value);
      assertThat(found.put(type, value)).as("once").isNull();
    }
    return found;
  }

  private static String text(byte[] value) {
    return new String(value, ISO_8859_1);
  }

  @Test
  void ofATlsClient() throws Exception {
    Pki pki = Pki.of("shop.example");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, "own");
    KeyedCertificate authority = Certificates.authority("Clients").selfSigned();
    KeyedCertificate client = Certificates.leaf("Jane Doe").issuedBy(authority);
    String listener =
        "tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ], client-certificates { verify = optional, trusted-certificates = \"%s\" } }"
            .formatted(
                files.chain(),
                files.key(),
                Certificates.writePem(folder.resolve("clients.pem"), authority.certificate()));
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(listener, ALL, server.uri())) {
      ask(gateway, client.context(pki.root()), true);
      Map<Integer, byte[]> told = told();
      assertThat(told).containsOnlyKeys(0x01, 0x02, 0x03, 0x05, 0x20);
      assertThat(text(told.get(0x01))).isEqualTo("http/1.1");
      assertThat(text(told.get(0x02))).isEqualTo("shop.example");
      assertThat(text(told.get(0x05))).hasSize(32);
      assertThat(server.heads().getFirst()).contains("X-Request-Id: " + text(told.get(0x05)));
      byte[] ssl = told.get(0x20);
      assertThat(ssl).startsWith(0x07, 0, 0, 0, 0);
      Map<Integer, byte[]> inner = fields(ssl, 5);
      assertThat(text(inner.get(0x21))).isEqualTo("TLSv1.3");
      assertThat(text(inner.get(0x22))).isEqualTo("Jane Doe");
      assertThat(text(inner.get(0x23))).startsWith("TLS_");

      ask(gateway, pki.clientContext(), false);
      told = told();
      assertThat(told).containsOnlyKeys(0x02, 0x03, 0x05, 0x20);
      assertThat(told.get(0x20)).startsWith(0x01, 0, 0, 0, 1);
      assertThat(fields(told.get(0x20), 5)).containsOnlyKeys(0x21, 0x23);
    }
  }

  /// Clients write what they like into their greetings and fields.
  @Test
  void ofAClientWithNamesThatAreNone() throws Exception {
    Pki pki = Pki.of("shop.example");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, "own");
    String listener =
        "tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ] }"
            .formatted(files.chain(), files.key());
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(listener, ALL + ", request-id = pass", server.uri())) {
      for (Map.Entry<String, String> each :
          Map.of("my_shop.example", "my_shop.example", "a..example", "a..example", "a.\u0001", "")
              .entrySet()) {
        try (Socket plain =
                new Socket(gateway.address().getAddress(), gateway.address().getPort());
            SSLSocket tls =
                (SSLSocket)
                    pki.clientContext()
                        .getSocketFactory()
                        .createSocket(plain, "127.0.0.1", 443, true)) {
          plain.setSoTimeout(60_000);
          SSLParameters parameters = tls.getSSLParameters();
          parameters.setServerNames(
              List.of(new SNIServerName(0, each.getKey().getBytes(ISO_8859_1)) {}));
          tls.setSSLParameters(parameters);
          tls.getOutputStream()
              .write(
                  "GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: \u00e4\r\nConnection: close\r\n\r\n"
                      .getBytes(ISO_8859_1));
          assertThat(text(tls.getInputStream().readAllBytes())).startsWith("HTTP/1.1 200");
        }
        Map<Integer, byte[]> told = told();
        assertThat(told).containsKeys(0x03, 0x20).doesNotContainKey(0x05);
        assertThat(text(told.getOrDefault(0x02, new byte[0]))).isEqualTo(each.getValue());
      }
    }
  }

  private static void ask(RunningGateway gateway, SSLContext context, boolean alpn)
      throws IOException {
    try (Socket plain = new Socket(gateway.address().getAddress(), gateway.address().getPort());
        SSLSocket tls =
            (SSLSocket) context.getSocketFactory().createSocket(plain, "shop.example", 443, true)) {
      plain.setSoTimeout(60_000);
      if (alpn) {
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        tls.setSSLParameters(parameters);
      }
      tls.getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
      assertThat(text(tls.getInputStream().readAllBytes())).startsWith("HTTP/1.1 200");
    }
  }

  private static byte[] ofAFront(byte[]... fields) {
    ByteBuffer out = ByteBuffer.allocate(1024);
    out.put(SIGNATURE).put((byte) 0x21).put((byte) 0x11).putShort((short) 0);
    out.put(new byte[] {10, 0, 0, 7, 10, 0, 0, 8}).putShort((short) 4711).putShort((short) 443);
    for (byte[] each : fields) {
      out.put(each[0]).putShort((short) (each.length - 1)).put(each, 1, each.length - 1);
    }
    out.putShort(FIXED - 2, (short) (out.position() - FIXED));
    byte[] all = new byte[out.position()];
    out.flip().get(all);
    return all;
  }

  private static byte[] field(int type, String value) {
    return ((char) type + value).getBytes(ISO_8859_1);
  }

  @Test
  void ofAClientOfAFront() throws Exception {
    String front = "proxy-protocol { from = [\"127.0.0.0/8\"] }";
    byte[] said =
        ofAFront(
            field(0x02, "front.example"),
            field(0x04, "padding"),
            field(0x05, "front-17"),
            field(0xE4, "of its own"));
    try (ScriptedServer server = server();
        RunningGateway gateway = RunningGateway.before(front, ALL, server.uri())) {
      try (RawClient client = gateway.client()) {
        client.socket().getOutputStream().write(said);
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
      Map<Integer, byte[]> told = told();
      assertThat(told).containsOnlyKeys(0x02, 0x03, 0x05, 0xE4);
      assertThat(text(told.get(0x02))).isEqualTo("front.example");
      assertThat(text(told.get(0x05))).isEqualTo("front-17");
      assertThat(text(told.get(0xE4))).isEqualTo("of its own");
    }
    try (ScriptedServer server = server();
        RunningGateway gateway =
            RunningGateway.before(
                front, "proxy-protocol = v2, proxy-protocol-fields = [crc32c]", server.uri())) {
      try (RawClient client = gateway.client()) {
        client.socket().getOutputStream().write(said);
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
      assertThat(told()).containsOnlyKeys(0x03);
    }
  }

  @Test
  void theNameOfTlsThatIsPassedOn() throws Exception {
    Pki pki = Pki.of("shop.example");
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              byte[] header = header(peer.in());
              // A probe brings none.
              if (header.length > 0) {
                headers.add(header);
              }
            });
        RunningGateway gateway =
            RunningGateway.of(
                """
                listeners = [ { bind = "127.0.0.1:0", pass-through.routes = [ { sni = "*.example", upstream = one } ] } ]
                upstreams { one { endpoints = ["tcp://127.0.0.1:%d"], %s } }
                """
                    .formatted(server.uri().getPort(), ALL));
        Socket plain = new Socket(gateway.address().getAddress(), gateway.address().getPort());
        SSLSocket tls =
            (SSLSocket)
                pki.clientContext()
                    .getSocketFactory()
                    .createSocket(plain, "shop.example", 443, true)) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              tls.startHandshake();
            } catch (IOException _) {
              // The server ends it.
            }
          });
      Map<Integer, byte[]> told = told();
      assertThat(told).containsOnlyKeys(0x02, 0x03);
      assertThat(text(told.get(0x02))).isEqualTo("shop.example");
    }
  }
}
