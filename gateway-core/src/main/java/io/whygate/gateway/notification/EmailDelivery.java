package io.whygate.gateway.notification;

import io.whygate.gateway.config.NotificationSettings.Email;
import io.whygate.gateway.trust.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/// Sends news as a plain letter (RFC 5322, RFC 2045), by [SmtpClient].
final class EmailDelivery implements Delivery {
  private static final int LINE = 76;
  // An encoded word is at most 75 characters (RFC 2047 section 2); each of these takes four at
  // most.
  private static final int WORD_BYTES = 42;

  private final Email email;
  private final Duration timeout;
  private final Trust trust;

  EmailDelivery(Email email, Duration timeout, Trust trust) {
    this.email = email;
    this.trust = trust;
    this.timeout = timeout;
  }

  @Override
  public void send(Bulletin bulletin) throws IOException, RefusedException {
    Bulletin told = bulletin.forPeople();
    new SmtpClient(email.server(), timeout, trust).send(email.from(), email.to(), letter(told));
  }

  private String letter(Bulletin bulletin) {
    String domain = email.from().substring(email.from().indexOf('@') + 1);
    StringBuilder head = new StringBuilder();
    head.append("Date: ").append(now()).append("\r\n");
    head.append("From: ").append(email.from()).append("\r\n");
    head.append("To: ").append(String.join(",\r\n ", email.to())).append("\r\n");
    head.append("Subject: ").append(encoded(Words.subject(bulletin))).append("\r\n");
    head.append("Message-ID: <")
        .append(UUID.randomUUID())
        .append('@')
        .append(domain)
        .append(">\r\n");
    if (bulletin.news().size() == 1) {
      // What is told of one incident stands together in a mailbox.
      String id = bulletin.news().getFirst().incident().id();
      head.append("References: <").append(id).append('@').append(domain).append(">\r\n");
    }
    head.append("Auto-Submitted: auto-generated\r\n");
    head.append("MIME-Version: 1.0\r\n");
    head.append("Content-Type: text/plain; charset=utf-8\r\n");
    head.append("Content-Transfer-Encoding: base64\r\n\r\n");
    Base64.Encoder encoder = Base64.getMimeEncoder(LINE, new byte[] {'\r', '\n'});
    return head + encoder.encodeToString(body(bulletin).getBytes(StandardCharsets.UTF_8)) + "\r\n";
  }

  private static String now() {
    return DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atOffset(ZoneOffset.UTC));
  }

  /// A text as a field may have it: as it is, or as encoded words (RFC 2047), and never with a line
  /// break of its own.
  static String encoded(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    if (line.chars().allMatch(each -> each < 0x7f) && line.length() <= LINE) {
      return line;
    }
    StringBuilder words = new StringBuilder();
    StringBuilder part = new StringBuilder();
    line.codePoints()
        .forEach(point -> {
          String next = Character.toString(point);
          if ((part + next).getBytes(StandardCharsets.UTF_8).length > WORD_BYTES) {
            words.append(word(part)).append("\r\n ");
            part.setLength(0);
          }
          part.append(next);
        });
    return words.append(word(part)).toString();
  }

  private static String word(CharSequence text) {
    return "=?UTF-8?B?"
        + Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8))
        + "?=";
  }

  private static String body(Bulletin bulletin) {
    StringBuilder text = new StringBuilder();
    for (News each : bulletin.news()) {
      if (!text.isEmpty()) {
        text.append("\r\n-- \r\n\r\n");
      }
      write(text, each, bulletin);
    }
    return text.toString();
  }

  private static void write(StringBuilder text, News news, Bulletin bulletin) {
    Words words = Words.of(news, bulletin);
    line(text, words.headline());
    line(text, "");
    line(text, "Cause:    " + words.cause());
    line(text, "Hit:      " + words.extent());
    if (!words.because().isEmpty()) {
      line(text, "Why:      " + words.because());
    }
    line(text, "Incident: " + news.incident().id());
    if (!bulletin.link(news.incident()).isEmpty()) {
      line(text, "          " + bulletin.link(news.incident()));
    }
    List<Words.Step> fix = words.fix();
    if (news.kind() == News.Kind.RECOVERED || fix.isEmpty()) {
      return;
    }
    line(text, "");
    line(text, "What to do");
    int number = 1;
    for (Words.Step step : fix) {
      line(text, number++ + ". " + step.text());
      if (!step.run().isEmpty()) {
        line(text, "     " + step.run().replace("\n", "\r\n     "));
      }
    }
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append("\r\n");
  }
}
