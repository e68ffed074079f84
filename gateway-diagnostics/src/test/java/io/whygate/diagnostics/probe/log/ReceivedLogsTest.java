package io.whygate.diagnostics.probe.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.LogSource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ReceivedLogsTest {
  private static final Instant NOW = Instant.parse("2026-11-23T15:41:40Z");

  private static SyslogMessage message(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return SyslogMessage.of(bytes, bytes.length, NOW);
  }

  @Test
  void readsWhatRfc5424Describes() {
    SyslogMessage found =
        message(
            "<165>1 2026-11-23T15:41:39.003000+00:00 web1 php-fpm 812 ID47"
                + " [a@32473 iut=\"3\" note=\"a \\] b\"][b@1 x=\"1\"] \uFEFFserver reached max");
    assertThat(found)
        .isEqualTo(
            new SyslogMessage(
                Instant.parse("2026-11-23T15:41:39.003Z"),
                "web1",
                "php-fpm",
                "server reached max"));
    assertThat(message("<14>1 - - - - - - bare\n"))
        .isEqualTo(new SyslogMessage(NOW, "", "", "bare"));
  }

  @Test
  void readsWhatDevicesWriteInItsPlace() {
    String local =
        DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ENGLISH)
            .format(NOW.atZone(ZoneId.systemDefault()));
    assertThat(message("<34>" + local + " web1 kernel: Out of memory: Killed process 7 (node)"))
        .isEqualTo(
            new SyslogMessage(NOW, "web1", "kernel", "Out of memory: Killed process 7 (node)"));
    assertThat(message("<34>" + local + " web1 gunicorn[81]: WORKER TIMEOUT (pid:84)").program())
        .isEqualTo("gunicorn");
    assertThat(message("<34>2026-11-23T15:41:40Z web1 app: x"))
        .isEqualTo(new SyslogMessage(NOW, "web1", "app", "x"));
    assertThat(message("app[7]: no header at all"))
        .isEqualTo(new SyslogMessage(NOW, "", "app", "no header at all"));
    assertThat(message("nothing of the kind").text()).isEqualTo("nothing of the kind");
  }

  @Test
  void takesAStampWithoutAZoneForOneOfAnotherZoneWhereItFits() {
    String sevenHoursOn =
        DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ENGLISH)
            .format(NOW.plusSeconds(7 * 3600 - 1).atZone(ZoneId.systemDefault()));
    assertThat(message("<34>" + sevenHoursOn + " web1 app: x").at()).isEqualTo(NOW.minusSeconds(1));
    String old =
        DateTimeFormatter.ofPattern("MMM d HH:mm:ss", Locale.ENGLISH)
            .format(NOW.minusSeconds(400).atZone(ZoneId.systemDefault()));
    assertThat(message("<34>" + old + " web1 app: x").at()).isEqualTo(NOW.minusSeconds(400));
  }

  @Test
  void keepsTheLatestOfEachSenderAndFindsThemByAddressOrByName() {
    ReceivedLogs logs = new ReceivedLogs(new ReceivedLogs.Limits(2, 3, 200));
    for (int i = 0; i < 5; i++) {
      send(logs, "10.0.0.7", "web1", "app", "message " + i);
    }
    send(logs, "10.0.0.9", "web2", "cron", "other");
    assertThat(texts(logs, new LogSource.Syslog("10.0.0.7", "")))
        .containsExactly("message 2", "message 3", "message 4");
    assertThat(texts(logs, new LogSource.Syslog("web2", ""))).containsExactly("other");
    assertThat(texts(logs, new LogSource.Syslog("web2", "app"))).isEmpty();
    send(logs, "10.0.0.11", "web3", "app", "third");
    send(logs, "10.0.0.11", "web3", "app", "x".repeat(500));
    assertThat(texts(logs, new LogSource.Syslog("10.0.0.7", ""))).as("silent longest").isEmpty();
    assertThat(texts(logs, new LogSource.Syslog("web3", "")))
        .allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(200));
  }

  private static void send(
      ReceivedLogs logs, String sender, String host, String program, String text) {
    String stamp = DateTimeFormatter.ISO_INSTANT.format(Instant.now().atOffset(ZoneOffset.UTC));
    byte[] bytes =
        ("<14>1 " + stamp + " " + host + " " + program + " - - - " + text)
            .getBytes(StandardCharsets.UTF_8);
    logs.received(Failures.address(sender), bytes, bytes.length);
  }

  private static List<String> texts(ReceivedLogs logs, LogSource.Syslog source) {
    Instant now = Instant.now();
    return logs.lines(source, now.minusSeconds(60), now.plusSeconds(5)).stream()
        .map(LogLine::text)
        .toList();
  }
}
