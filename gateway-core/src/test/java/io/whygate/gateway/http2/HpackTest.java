package io.whygate.gateway.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HpackTest {
  private final HpackDecoder decoder = new HpackDecoder(4096);

  private static List<String> decoded(HpackDecoder decoder, byte[] block) {
    List<String> fields = new ArrayList<>();
    boolean intact =
        decoder.decode(
            block,
            0,
            block.length,
            (name, ns, ne, value, vs, ve) ->
                fields.add(
                    new String(name, ns, ne - ns, ISO_8859_1)
                        + ": "
                        + new String(value, vs, ve - vs, ISO_8859_1)));
    return intact ? fields : List.of("malformed");
  }

  private List<String> decoded(String hex) {
    return decoded(decoder, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /// RFC 7541 appendix C.3 and C.4: three requests, plain and in Huffman code.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "828684410f7777772e6578616d706c652e636f6d | 828684be58086e6f2d6361636865"
            + " | 828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        "828684418cf1e3c2e5f23a6ba0ab90f4ff | 828684be5886a8eb10649cbf"
            + " | 828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"
      })
  void readsTheExamplesOfRequests(String blocks) {
    String[] each = blocks.split(" \\| ");
    assertThat(decoded(each[0]))
        .containsExactly(
            ":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com");
    assertThat(decoded(each[1]))
        .containsExactly(
            ":method: GET",
            ":scheme: http",
            ":path: /",
            ":authority: www.example.com",
            "cache-control: no-cache");
    assertThat(decoded(each[2]))
        .containsExactly(
            ":method: GET",
            ":scheme: https",
            ":path: /index.html",
            ":authority: www.example.com",
            "custom-key: custom-value");
  }

  /// RFC 7541 appendix C.6: responses in Huffman code, with a table of 256 bytes that evicts.
  @Test
  void readsTheExamplesOfResponses() {
    HpackDecoder small = new HpackDecoder(256);
    List<String> first =
        decoded(
            small,
            HexFormat.of()
                .parseHex(
                    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"));
    assertThat(first)
        .containsExactly(
            ":status: 302",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
    assertThat(decoded(small, HexFormat.of().parseHex("4883640effc1c0bf")))
        .containsExactly(
            ":status: 307",
            "cache-control: private",
            "date: Mon, 21 Oct 2013 20:13:21 GMT",
            "location: https://www.example.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80", // index 0
        "be", // an entry that is not there
        "3fe21f", // a table larger than offered
        "8220", // a change of the table's size behind a field
        "400a6375", // a string that is cut off
        "00", // a field that is cut off
        "7f", // an integer that is cut off
        "ffffffffffff", // an integer that is too large
        "0081ff00", // padding that is a whole byte short of the end's code
        "0084ffffffff00", // the end's code within a string
        "00821fff00", // more padding than seven bits
        "008100 00", // padding that is not of ones
      })
  void refusesWhatBreaksTheRules(String block) {
    assertThat(decoded(block)).contains("malformed");
  }

  /// Whatever comes, a block is read or refused, within the memory that the table may have.
  @Test
  void anyBytesAreReadOrRefused() {
    Random random = new Random(9113);
    for (int i = 0; i < 200_000; i++) {
      byte[] block = new byte[random.nextInt(40)];
      random.nextBytes(block);
      if (decoded(decoder, block).contains("malformed")) {
        assertThat(decoded(new HpackDecoder(4096), new byte[] {(byte) 0x82}))
            .containsExactly(":method: GET");
      }
    }
  }

  private static void write(HpackEncoder encoder, ByteBuf out, String field) {
    int colon = field.indexOf(": ", 1);
    byte[] name = field.substring(0, colon).getBytes(ISO_8859_1);
    byte[] value = field.substring(colon + 2).getBytes(ISO_8859_1);
    encoder.field(out, name, 0, name.length, value, 0, value.length);
  }

  private static byte[] encoded(HpackEncoder encoder, List<String> fields) {
    ByteBuf out = Unpooled.buffer();
    encoder.begin(out);
    fields.forEach(each -> write(encoder, out, each));
    return ByteBufUtil.getBytes(out);
  }

  @Test
  void whatOneWritesTheOtherReads() {
    HpackEncoder encoder = new HpackEncoder();
    Random random = new Random(7541);
    for (int block = 0; block < 5000; block++) {
      if (block % 500 == 499) {
        encoder.limit(random.nextInt(5000));
      }
      List<String> fields = new ArrayList<>();
      for (int i = random.nextInt(12); i >= 0; i--) {
        String value = "v" + "x".repeat(random.nextInt(random.nextInt(8) == 0 ? 400 : 40));
        fields.add("name-" + random.nextInt(40) + ": " + value + random.nextInt(3));
      }
      fields.add("content-type: text/html");
      assertThat(decoded(decoder, encoded(encoder, fields))).isEqualTo(fields);
    }
  }

  @Test
  void aFieldThatComesAgainCostsAByte() {
    HpackEncoder encoder = new HpackEncoder();
    List<String> fields = List.of("server: something/1.2.3", "x-frame-options: DENY");
    encoded(encoder, fields);
    encoded(encoder, fields);
    assertThat(encoded(encoder, fields)).hasSize(2);
  }

  @Test
  void secretsEnterNoTable() {
    HpackEncoder encoder = new HpackEncoder();
    List<String> fields = List.of("set-cookie: id=secret");
    encoded(encoder, fields);
    encoded(encoder, fields);
    byte[] third = encoded(encoder, fields);
    assertThat(third[0] & 0xf0).isEqualTo(0x10);
    assertThat(new String(third, ISO_8859_1)).endsWith("id=secret");
  }

  @Test
  void namesAreWrittenInLowerCase() {
    assertThat(decoded(decoder, encoded(new HpackEncoder(), List.of("X-Thing: A", "Server: Big"))))
        .containsExactly("x-thing: A", "server: Big");
  }
}
