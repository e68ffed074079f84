package io.whygate.diagnostics.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlatformTest {

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          php-fpm8.2,            php
          php8.2-fpm.service,    php
          php-fpm: pool www,     php
          gunicorn,              gunicorn
          python3.11,            python
          postgresql@15-main.service, postgresql
          /usr/sbin/mariadbd,    mariadbd
          apache2,               apache
          shop.service,          shop
          """)
  void namesAProgramAlikeOnEveryMachine(String written, String name) {
    assertThat(ProgramName.of(written)).isEqualTo(name);
  }

  @Test
  void isKnownByItsUsualNames() {
    assertThat(Platform.named("WordPress")).contains(Platform.WORDPRESS);
    assertThat(Platform.named("php-fpm")).contains(Platform.PHP_FPM);
    assertThat(Platform.named("Spring Boot")).contains(Platform.SPRING);
    assertThat(Platform.named("gunicorn")).contains(Platform.DJANGO);
    assertThat(Platform.named("")).isEmpty();
    assertThat(Platform.named("cobol")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          link       | <https://shop.example/wp-json/>; rel="https://api.w.org/" | WORDPRESS
          set-cookie | wordpress_test_cookie=x; path=/        | WORDPRESS
          x-powered-by | PHP/8.2.7                            | PHP_FPM
          set-cookie | theme=dark; path=/, PHPSESSID=abc      | PHP_FPM
          x-powered-by | Express                              | NODE
          set-cookie | connect.sid=s%3A1; HttpOnly            | NODE
          etag       | W/"2-nOO9QiTIwXgNtWtBJezz8kv3SLc"      | NODE
          etag       | "1f4-nOO9QiTIwXgNtWtBJezz8kv3SLc"      | NODE
          set-cookie | sessionid=4g8; HttpOnly; Path=/        | DJANGO
          set-cookie | _shop_session=J3; path=/; HttpOnly     | RAILS
          set-cookie | laravel-session=eyJ; path=/            | PHP_FPM
          set-cookie | SERVERID=web1; path=/                  | LOAD_BALANCER
          server     | istio-envoy                            | LOAD_BALANCER
          server     | BunnyCDN-DE1-1081                      | CDN
          akamai-grn | 0.1d2e3f.1764400000.1a2b3c4            | CDN
          server     | gunicorn                               | DJANGO
          set-cookie | csrftoken=x; SameSite=Lax              | DJANGO
          server     | puma 6.4.0 The Eagle of Durin          | RAILS
          set-cookie | JSESSIONID=1; Path=/                   | SPRING
          server     | Kestrel                                | ASPNET
          set-cookie | .AspNetCore.Session=1                  | ASPNET
          server     | cloudflare                             | CDN
          server     | awselb/2.0                             | LOAD_BALANCER
          """)
  void isRecognisedByWhatAnswersCarry(String field, String value, Platform platform) {
    assertThat(PlatformMarks.of(name -> name.equals(field) ? value : "", "/", 200))
        .containsExactly(platform);
  }

  @Test
  void isRecognisedByPathsThatAreServedAlone() {
    assertThat(PlatformMarks.of(_ -> "", "/wp-content/style.css", 200))
        .containsExactly(Platform.WORDPRESS);
    assertThat(PlatformMarks.of(_ -> "", "/wp-login.php", 404)).isEmpty();
  }

  @Test
  void tellsAServerOfFilesFromOneThatHidesItsApplication() {
    Map<String, String> file = Map.of("server", "nginx", "etag", "\"1\"", "last-modified", "x");
    assertThat(PlatformMarks.of(name -> file.getOrDefault(name, ""), "/logo.svg", 200))
        .containsExactly(Platform.STATIC);
    assertThat(PlatformMarks.of(name -> name.equals("server") ? "nginx" : "", "/", 200)).isEmpty();
  }

  @Test
  void isRecognisedByTheFieldsThatItAddsTogether() {
    Map<String, String> django =
        Map.of(
            "x-frame-options",
            "DENY",
            "referrer-policy",
            "same-origin",
            "cross-origin-opener-policy",
            "same-origin");
    assertThat(PlatformMarks.of(name -> django.getOrDefault(name, ""), "/", 200))
        .containsExactly(Platform.DJANGO);
    Map<String, String> spring =
        Map.of(
            "x-xss-protection",
            "0",
            "expires",
            "0",
            "cache-control",
            "no-cache, no-store, max-age=0, must-revalidate");
    assertThat(PlatformMarks.of(name -> spring.getOrDefault(name, ""), "/", 200))
        .containsExactly(Platform.SPRING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          etag       | "66f1b2c3-267"
          etag       | W/"5a-18f3c2b1a00"
          set-cookie | _session=1
          set-cookie | shop_session=1
          x-frame-options | DENY
          expires    | 0
          server     | nginx
          """)
  void whatManySendIsNobodysMark(String field, String value) {
    assertThat(PlatformMarks.of(name -> name.equals(field) ? value : "", "/", 200)).isEmpty();
  }

  @Test
  void adviceGoesToWhatMakesTheSite() {
    assertThat(PlatformMarks.foremost(Set.of(Platform.CDN, Platform.PHP_FPM, Platform.WORDPRESS)))
        .contains(Platform.WORDPRESS);
    assertThat(PlatformMarks.foremost(Set.of(Platform.STATIC, Platform.NODE)))
        .contains(Platform.NODE);
    assertThat(PlatformMarks.foremost(Set.of())).isEmpty();
  }
}
