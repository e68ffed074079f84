package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.AriaRole;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.WordPressSite;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// An author's hour with WordPress, all of it through the gateway, and what WordPress looks like
/// when a part of it fails.
@Needs({"wordpress", "mariadbd", "php-fpm", "nginx", "chromium"})
class WordPressThroughGatewayTest {
  private static WordPressSite site;
  private static Chromium chromium;
  private static GatewayProcess gateway;

  @BeforeAll
  static void start() {
    site = WordPressSite.start();
    chromium = Chromium.start();
    gateway = GatewayProcess.before(site.uri(), "response-timeout = 20s");
  }

  @AfterAll
  static void stop() {
    gateway.close();
    chromium.close();
    site.close();
  }

  private static Page logIn() {
    Page page = chromium.newPage("en");
    page.navigate(gateway.uri() + "/wp-login.php");
    // The page's own script moves the focus a moment after it has come, into whatever is written.
    page.waitForFunction("document.activeElement.id === 'user_login'");
    page.fill("#user_login", WordPressSite.USER);
    page.fill("#user_pass", WordPressSite.PASSWORD);
    page.click("#wp-submit");
    try {
      page.waitForSelector("#wpadminbar");
    } catch (TimeoutError e) {
      throw new AssertionError(page.url() + "\n" + page.content() + gateway.warnings(), e);
    }
    assertThat(page.url()).startsWith(gateway.uri() + "/wp-admin/");
    return page;
  }

  @Test
  void letsAnAuthorLogInUploadAnImageAndEditAPost() throws IOException {
    Page page = logIn();

    try (Folder folder = Folder.create("upload")) {
      Path picture = folder.path().resolve("whygate-picture.png");
      ImageIO.write(
          new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
      page.navigate(gateway.uri() + "/wp-admin/media-new.php?browser-uploader");
      page.setInputFiles("#async-upload", picture);
      page.click("#html-upload");
      page.waitForURL("**/upload.php*");
    }
    assertThat(
            site.database().sql("SELECT guid FROM wordpress.wp_posts WHERE post_type='attachment'"))
        .contains("whygate-picture");

    page.navigate(gateway.uri() + "/wp-admin/edit.php");
    page.getByRole(
        AriaRole.LINK, new Page.GetByRoleOptions().setName("Hello world!").setExact(true));
    String changed =
        (String)
            page.evaluate(
                """
                async () => {
                  const nonce = await (await fetch('/wp-admin/admin-ajax.php?action=rest-nonce')).text();
                  const answer = await fetch('/index.php?rest_route=/wp/v2/posts/1', {
                    method: 'POST',
                    headers: { 'X-WP-Nonce': nonce, 'Content-Type': 'application/json' },
                    body: JSON.stringify({ title: 'Edited through the gateway' })
                  });
                  return (await answer.json()).title.rendered;
                }
                """);
    assertThat(changed).isEqualTo("Edited through the gateway");
    page.navigate(gateway.uri() + "/?p=1");
    assertThat(page.content()).contains("Edited through the gateway");
  }

  @Test
  void passesOnWhatNginxSaysWhenPhpIsGoneAndNotesAnIncident() throws Exception {
    site.php().stop();
    try {
      HttpResponse<String> answer = gateway.get("/wp-login.php");

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).as("nginx's own page, untouched").contains("nginx");
      assertThat(answer.headers().firstValue("whygate-cause"))
          .hasValue("application.gateway-error");
      assertThat(gateway.incident("application.gateway-error").get("cause").getAsString())
          .isEqualTo("application.gateway-error");
    } finally {
      site.php().start();
    }
    assertThat(gateway.get("/wp-login.php").statusCode()).isEqualTo(200);
  }
}
