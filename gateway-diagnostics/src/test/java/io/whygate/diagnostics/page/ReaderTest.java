package io.whygate.diagnostics.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.page.Reader.Audience;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        // browsers
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8 | HTML",
        "text/html, */*; q=0.01                                             | HTML",
        // programs
        "application/json                                                   | PROBLEM",
        "application/problem+json                                           | PROBLEM",
        "application/json, text/plain, */*                                  | PROBLEM",
        "application/*                                                      | PROBLEM",
        "APPLICATION/JSON; charset=utf-8                                    | PROBLEM",
        "text/markdown                                                      | MARKDOWN",
        "text/markdown, text/html, */*                                      | MARKDOWN",
        // terminals
        "*/*                                                                | TEXT",
        "none                                                               | TEXT",
        "text/plain                                                         | TEXT",
        "text/*                                                             | TEXT",
        // weights, and the most exact range decides
        "text/html;q=0.2, application/json;q=0.9                            | PROBLEM",
        "text/html;q=0.9, application/json;q=0.901                          | PROBLEM",
        "text/html;q=0, */*                                                 | TEXT",
        "text/*;q=0.3, text/html;q=0.7, text/markdown;q=0.6                 | HTML",
        "text/plain;q=0, text/*;q=0.5                                       | HTML",
        "*/*;q=0.1, text/markdown;q=0.2                                     | MARKDOWN",
        "application/json, text/html                                        | PROBLEM",
        "text/html, application/json                                        | HTML",
        "text/html;level=1;q=0.4, application/json;q=0.5                    | PROBLEM",
        // nothing that can be given, or not understood
        "image/png                                                          | TEXT",
        "text/html;q=2, application/json;q=0.1                              | PROBLEM",
        "text/html;q=x, application/json;q=0.1                              | PROBLEM",
        ";;;,,,                                                             | TEXT",
      })
  void choosesTheFormThatTheReaderLikesBest(String accept, Form form) {
    assertThat(reader(Map.of("accept", accept == null ? "" : accept)).form()).isEqualTo(form);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        "none                        | en",
        "vi                          | vi",
        "vi-VN,vi;q=0.9,en;q=0.8     | vi",
        "VI-vn                       | vi",
        "en-US,en;q=0.9,vi;q=0.8     | en",
        "nl-NL,nl;q=0.9,vi;q=0.2     | vi",
        "fr, de                      | fr",
        "nl, sv;q=0.9                | en",
        "pt-BR,pt;q=0.9              | pt",
        "de-CH-1996                  | de",
        "es-419;q=0.8,fr;q=0.8       | es",
        "zh                          | zh-Hans",
        "zh-CN,zh;q=0.9,en;q=0.8     | zh-Hans",
        "zh-SG                       | zh-Hans",
        "zh-Hans-HK                  | zh-Hans",
        "zh-TW,en;q=0.5              | en",
        "zh-TW,zh;q=0.9,en;q=0.5     | zh-Hans",
        "zh-Hant-HK, ja;q=0.4        | ja",
        "ar-EG                       | ar",
        "-, --, en-, ja              | en",
        "*                           | en",
        "vi;q=0, en;q=0.1            | en",
        "en;q=0.5, vi;q=0.7          | vi",
        "vie                         | en",
      })
  void choosesTheLanguageThatTheReaderLikesBest(String accept, String tag) {
    assertThat(reader(Map.of("accept-language", accept == null ? "" : accept)).language().tag())
        .isEqualTo(tag);
  }

  @Test
  void choosesAmongTheLanguagesThatAnOperatorAddedToo() {
    Map<String, String> fields = Map.of("accept-language", "pt-PT, sv;q=0.9");
    Languages languages =
        new Languages(List.of(Language.ENGLISH, new Language("pt"), new Language("pt-PT")));
    Reader reader = Reader.of(Audience.VISITOR, "GET", n -> fields.getOrDefault(n, ""), languages);
    assertThat(reader.language().tag()).isEqualTo("pt-PT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"image", "script", "style", "font", "audio", "video", "track", "worker"})
  void givesOneLineWhereNobodyWouldReadMore(String destination) {
    Map<String, String> fields = Map.of("sec-fetch-dest", destination, "accept", "text/html");
    assertThat(reader(fields).form()).isEqualTo(Form.TINY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"document", "iframe", "empty", "object", "embed"})
  void givesWhatIsAcceptedWhereItCanBeRead(String destination) {
    Map<String, String> fields = Map.of("sec-fetch-dest", destination, "accept", "text/html");
    assertThat(reader(fields).form()).isEqualTo(Form.HTML);
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc,GRPC",
    "application/grpc+proto,GRPC",
    "application/grpc-web+proto,GRPC_WEB",
    "application/json,TEXT"
  })
  void knowsGrpcByItsContentType(String contentType, Form form) {
    assertThat(reader(Map.of("content-type", contentType)).form()).isEqualTo(form);
  }

  @Test
  void knowsAFrontThatReplacesPages() {
    assertThat(reader(Map.of("cf-ray", "8f2a-SIN")).behindFront()).isTrue();
    assertThat(reader(Map.of("cdn-loop", "other, Cloudflare; loops=1")).behindFront()).isTrue();
    assertThat(reader(Map.of("cdn-loop", "notcloudflare, other")).behindFront()).isFalse();
    assertThat(reader(Map.of()).behindFront()).isFalse();
    assertThat(reader(Map.of()).withFront(true).behindFront()).isTrue();
  }

  @Test
  void aHostileFieldCostsLittle() {
    String accept = "text/html;q=0.5,".repeat(100_000);
    assertThat(WeightedList.elements(accept)).hasSize(64);
  }

  private static Reader reader(Map<String, String> fields) {
    return Reader.of(Audience.VISITOR, "GET", name -> fields.getOrDefault(name, ""));
  }
}
