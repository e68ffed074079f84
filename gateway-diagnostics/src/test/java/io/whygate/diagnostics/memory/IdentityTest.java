package io.whygate.diagnostics.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The title of a site: the same whoever read the page, and readable.
class IdentityTest {
  private static Identity titled(String title, Charset charset) {
    byte[] body = ("<title>" + title + "</title>").getBytes(charset);
    return Identity.of("nginx", new String(body, StandardCharsets.ISO_8859_1));
  }

  @Test
  void isTheSameWhetherBytesOrCharactersWereRead() {
    for (String title : new String[] {"Cửa hàng", "Café", "灯り", "Lamps"}) {
      Identity characters = new Identity("", "", title);
      Identity bytes = titled(title, StandardCharsets.UTF_8);
      assertThat(bytes.compare(characters)).isEqualTo(Identity.Likeness.SAME);
      assertThat(bytes.title()).isEqualTo(title);
      assertThat(new Identity("", "", bytes.title())).isEqualTo(characters);
    }
  }

  @Test
  void titlesReadAsABrowserShowsThem() {
    assertThat(
            titled("Lamps · Fern &amp; Fog", StandardCharsets.UTF_8)
                .difference(titled("灯り &lt;新&gt;", StandardCharsets.UTF_8)))
        .isEqualTo("the title was \"Lamps · Fern & Fog\" and is \"灯り <新>\"");
  }

  @Test
  void aTitleInAnotherCharsetStaysAsItCame() {
    assertThat(
            titled("Café", StandardCharsets.ISO_8859_1)
                .difference(titled("Thé", StandardCharsets.ISO_8859_1)))
        .isEqualTo("the title was \"Café\" and is \"Thé\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "\"5f3a-61b2\" ~ hex 1",
        "W/\"5f3a\" ~ weak hex 0",
        "W/\"W/5\" ~ weak text 0",
        "\"v1.2\" ~ text 0",
        "1-2-3-4-5-6 ~ hex 4",
        "`` ~ ``",
        "W/\"\" ~ ``",
      })
  void entityTagsAreKnownByTheirShape(String etag, String shape) {
    assertThat(Identity.etagShape(etag)).isEqualTo(shape);
  }
}
