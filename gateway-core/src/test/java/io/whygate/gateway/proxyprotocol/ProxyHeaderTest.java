package io.whygate.gateway.proxyprotocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
  private static final int MOST = 4096;
  private static final String V4 = "c0000207 c6336401 9c40 01bb";
  private static final String V6 =
      "20010db8000000000000000000000007 20010db8000000000000000000000001 9c40 01bb";

  private static ProxyHeader.Reading read(byte[] bytes) {
    return ProxyHeader.read(Unpooled.wrappedBuffer(bytes), MOST);
  }

  private static ProxyHeader.Reading text(String line) {
    return read(line.replace("|", "\r\n").getBytes(ISO_8859_1));
  }

  /// A header of version 2: command, family and transport, and what follows.
  private static byte[] bytes(String head, String... rest) {
    byte[] block = HexFormat.of().parseHex(String.join("", rest).replace(" ", ""));
    return ByteBuffer.allocate(16 + block.length)
        .put(BinaryHeader.SIGNATURE)
        .put(HexFormat.of().parseHex(head))
        .putShort((short) block.length)
        .put(block)
        .array();
  }

  private static Ends ends(String source, int port, String destination, int at) {
    return new Ends(
        new InetSocketAddress(InetAddress.ofLiteral(source), port),
        new InetSocketAddress(InetAddress.ofLiteral(destination), at));
  }

  private static Ends endsOf(ProxyHeader.Reading reading) {
    assertThat(reading).isInstanceOf(ProxyHeader.Whole.class);
    return ((ProxyHeader.Whole) reading).header().ends().orElseThrow();
  }

  @Test
  void readsALineOfEachFamily() {
    assertThat(endsOf(text("PROXY TCP4 192.0.2.7 198.51.100.1 40000 443|")))
        .isEqualTo(ends("192.0.2.7", 40000, "198.51.100.1", 443));
    assertThat(endsOf(text("PROXY TCP6 2001:db8::7 2001:DB8::1 0 65535|")))
        .isEqualTo(ends("2001:db8::7", 0, "2001:db8::1", 65535));
  }

  @Test
  void readsTheLongestLine() {
    String longest = "f".repeat(4) + ":ffff".repeat(7);
    String line = "PROXY UNKNOWN " + longest + " " + longest + " 65535 65535|";
    assertThat(line.length()).isEqualTo(106);
    assertThat(text(line)).isEqualTo(new ProxyHeader.Whole(ProxyHeader.OWN));
    assertThat(text("PROXY TCP6 " + longest + " " + longest + " 65535 65535|"))
        .isInstanceOf(ProxyHeader.Whole.class);
    assertThat(text(line.replace("|", " |"))).isInstanceOf(ProxyHeader.Malformed.class);
    assertThat(text("PROXY UNKNOWN " + "x".repeat(93))).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"PROXY UNKNOWN|", "PROXY UNKNOWN whatever it says|", "PROXY UNKNOWN ::1 ::1 1 1|"})
  void aFrontMayNotKnow(String line) {
    assertThat(text(line)).isEqualTo(new ProxyHeader.Whole(ProxyHeader.OWN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1|",
        "PROXY  TCP4 192.0.2.7 198.51.100.1 40000 443|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443 |",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000|",
        "PROXY TCP4 192.0.2.7  198.51.100.1 40000 443|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 65536|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 040 443|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 +40 443|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 -1 443|",
        "PROXY TCP4 192.0.2.007 198.51.100.1 40000 443|",
        "PROXY TCP4 192.0.519 198.51.100.1 40000 443|",
        "PROXY TCP4 192.0.2.256 198.51.100.1 40000 443|",
        "PROXY TCP4 0xC0000207 198.51.100.1 40000 443|",
        "PROXY TCP4 2001:db8::7 2001:db8::1 40000 443|",
        "PROXY TCP6 192.0.2.7 198.51.100.1 40000 443|",
        "PROXY TCP6 fe80::1%eth0 2001:db8::1 40000 443|",
        "PROXY TCP6 [2001:db8::7] [2001:db8::1] 40000 443|",
        "PROXY TCP6 2001:db8::7::1 2001:db8::1 40000 443|",
        "PROXY UDP4 192.0.2.7 198.51.100.1 40000 443|",
        "PROXY TCP4 localhost localhost 40000 443|",
        "PROXY UNKNOWNS|",
        "PROXY |",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\r\n",
        "PROXY TCP4\t192.0.2.7 198.51.100.1 40000 443|",
        "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\0|",
        "proxy TCP4 192.0.2.7 198.51.100.1 40000 443|",
      })
  void whatIsNoLine(String line) {
    assertThat(text(line)).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @Test
  void readsAddressesOfEachFamily() {
    assertThat(endsOf(read(bytes("2111", V4))))
        .isEqualTo(ends("192.0.2.7", 40000, "198.51.100.1", 443));
    assertThat(endsOf(read(bytes("2121", V6))))
        .isEqualTo(ends("2001:db8::7", 40000, "2001:db8::1", 443));
    assertThat(endsOf(read(bytes("2112", V4))))
        .isEqualTo(ends("192.0.2.7", 40000, "198.51.100.1", 443));
    UnixDomainSocketAddress nowhere = UnixDomainSocketAddress.of("unix:");
    assertThat(endsOf(read(bytes("2131", "2f78".repeat(108)))))
        .isEqualTo(new Ends(nowhere, nowhere));
  }

  @ParameterizedTest
  @CsvSource({"2000, ''", "2000, 0102030405", "2011, c0000207c63364019c4001bb", "2100, 010203"})
  void aFrontMaySpeakForItself(String head, String rest) {
    assertThat(read(bytes(head, rest))).isEqualTo(new ProxyHeader.Whole(ProxyHeader.OWN));
  }

  @Test
  void aMappedAddressIsThatOfIpv4() {
    String mapped = "00000000000000000000ffff";
    Ends ends = endsOf(read(bytes("2121", mapped, "c0000207", mapped, "c6336401", "9c40 01bb")));
    assertThat(ends).isEqualTo(ends("192.0.2.7", 40000, "198.51.100.1", 443));
  }

  @ParameterizedTest
  @CsvSource({"1111", "3111", "2211", "2f11", "2110", "2113", "2141", "21f1", "2101"})
  void unknownVersionsCommandsAndFamilies(String head) {
    assertThat(read(bytes(head, V6, "00".repeat(200)))).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @ParameterizedTest
  @CsvSource({"2111, c0000207c63364019c4001", "2121, 20010db8", "2131, 2f78", "2111, ''"})
  void tooShortForAddresses(String head, String rest) {
    assertThat(read(bytes(head, rest))).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @Test
  void tellsWhetherTheClientSpokeTls() {
    String alpn = "010002 6832";
    String authority = "020006 612e74657374";
    String id = "050002 6964";
    String tls = "20000f 01 00000000 210007 544c5376312e33";
    String clear = "200005 00 00000001";
    String unknown = "ee0003 010203";
    ProxyHeader.Reading both =
        read(bytes("2111", V4, "040001 00", alpn, authority, id, tls, unknown, "300000"));
    assertThat(((ProxyHeader.Whole) both).header().secure()).isTrue();
    ProxyHeader.Reading none = read(bytes("2111", V4, clear, alpn));
    assertThat(((ProxyHeader.Whole) none).header().secure()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01",
        "0100",
        "010003 6832",
        "010000",
        "020000",
        "020003 612062",
        "020002 6100",
        "050081" + "61",
        "200004 01000000",
        "200008 01 00000000 210007",
        "200009 01 00000000 210007 54",
        "200007 01 00000000 2100",
        "200005 01 00000000 200005 00 00000000",
        "010002 6832 010002 6832",
        "050001 61 050001 62",
        "030003 000000",
        "030004 00000000",
        "ee0003 0102",
      })
  void fieldsThatAreNone(String fields) {
    assertThat(read(bytes("2111", V4, fields))).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @Test
  void anIdentifierHasAnEnd() {
    assertThat(read(bytes("2111", V4, "050080", "61".repeat(128))))
        .isInstanceOf(ProxyHeader.Whole.class);
    assertThat(read(bytes("2111", V4, "050081", "61".repeat(129))))
        .isInstanceOf(ProxyHeader.Malformed.class);
  }

  @Test
  void aChecksumIsHeldToWhatItCovers() {
    byte[] header = bytes("2111", V4, "030004 00000000", "010002 6832");
    CRC32C sum = new CRC32C();
    sum.update(header);
    ByteBuffer.wrap(header).putInt(16 + 12 + 3, (int) sum.getValue());
    assertThat(endsOf(read(header))).isEqualTo(ends("192.0.2.7", 40000, "198.51.100.1", 443));
    for (int i : new int[] {17, 20, 26, 31, header.length - 1}) {
      byte[] changed = header.clone();
      changed[i] ^= 1;
      assertThat(read(changed)).as("byte " + i).isInstanceOf(ProxyHeader.Malformed.class);
    }
  }

  @Test
  void aHeaderIsBounded() {
    byte[] header = bytes("2111", V4, "ee1000", "00".repeat(4096));
    assertThat(read(header)).isInstanceOf(ProxyHeader.Malformed.class);
    assertThat(ProxyHeader.read(Unpooled.wrappedBuffer(header), 5000))
        .isInstanceOf(ProxyHeader.Whole.class);
    // Said at once, not once all of it has come.
    assertThat(read(Arrays.copyOf(header, 16))).isInstanceOf(ProxyHeader.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void nothingIsTakenBeforeItIsWhole(int version) {
    byte[] header =
        version == 1
            ? "PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n".getBytes(ISO_8859_1)
            : bytes("2111", V4, "010002 6832");
    for (int length = 0; length < header.length; length++) {
      ByteBuf part = Unpooled.wrappedBuffer(Arrays.copyOf(header, length));
      assertThat(ProxyHeader.read(part, MOST)).isInstanceOf(ProxyHeader.Incomplete.class);
      assertThat(part.readerIndex()).isZero();
    }
    ByteBuf more = Unpooled.wrappedBuffer(header, "GET /".getBytes(ISO_8859_1));
    assertThat(ProxyHeader.read(more, MOST)).isInstanceOf(ProxyHeader.Whole.class);
    assertThat(more.toString(ISO_8859_1)).isEqualTo("GET /");
  }

  @Test
  void whatIsNoneIsSeenByItsFirstByte() {
    for (String first : new String[] {"G", "PROXIES", "\r\n\r\nx", "\u0016"}) {
      assertThat(text(first)).as(first).isInstanceOf(ProxyHeader.Malformed.class);
    }
  }
}
