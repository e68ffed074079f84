package io.whygate.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.whygate.faults.tls.Certificates;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.ClientCertificates;
import io.whygate.gateway.config.ListenerSettings.ClientCertificates.Verify;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TicketKeysTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final AtomicLong now = new AtomicLong();

  private static ListenerSettings.Tls tls(ClientCertificates clients, String... keys) {
    return new ListenerSettings.Tls(
        List.of(),
        List.of(),
        new ListenerSettings.SessionTickets(HOUR, 2, List.of(keys)),
        clients,
        Optional.empty());
  }

  private static ListenerSettings.Tls tls(String... keys) {
    return tls(new ClientCertificates(Verify.NONE, List.of()), keys);
  }

  private static List<String> names(TicketKeys keys) {
    return Arrays.stream(keys.current())
        .map(each -> HexFormat.of().formatHex(each.name()))
        .toList();
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void aKeySealsForItsTimeAndOpensForTwoMore() {
    TicketKeys keys = new TicketKeys(tls(), now::get);
    String first = names(keys).getFirst();
    assertThat(keys.isDue()).isFalse();
    pass(HOUR);
    assertThat(keys.isDue()).isTrue();
    assertThat(names(keys)).hasSize(2).doesNotHaveDuplicates().endsWith(first);
    assertThat(keys.isDue()).isFalse();
    pass(HOUR);
    assertThat(names(keys)).hasSize(3).endsWith(first);
    pass(HOUR);
    assertThat(names(keys)).hasSize(3).doesNotContain(first);
  }

  @Test
  void noKeyOpensLongerWhereNobodyCame() {
    TicketKeys keys = new TicketKeys(tls(), now::get);
    String first = names(keys).getFirst();
    pass(HOUR.multipliedBy(3));
    assertThat(names(keys)).doesNotContain(first);
  }

  @Test
  void keysOfFilesAreTheSameEverywhereAndStay() {
    String one = "01".repeat(48);
    String two = "02".repeat(48);
    TicketKeys here = new TicketKeys(tls(one, two), now::get);
    TicketKeys there = new TicketKeys(tls(two), now::get);
    assertThat(names(here)).hasSize(2).endsWith(names(there).getFirst());
    pass(HOUR.multipliedBy(9));
    assertThat(here.isDue()).isFalse();
    OpenSslSessionTicketKey key = here.current()[0];
    assertThat(key.aesKey()).isNotEqualTo(key.hmacKey()).isNotEqualTo(key.name());
  }

  @Test
  void keysOfFilesAreOthersWhereClientsShowOtherCertificates() {
    String key = "01".repeat(48);
    X509Certificate authority = Certificates.authority("Clients").selfSigned().certificate();
    List<X509Certificate> one = List.of(authority);
    assertThat(
            List.of(
                names(new TicketKeys(tls(key), now::get)),
                names(
                    new TicketKeys(
                        tls(new ClientCertificates(Verify.REQUIRED, one), key), now::get)),
                names(
                    new TicketKeys(
                        tls(new ClientCertificates(Verify.OPTIONAL, one), key), now::get))))
        .doesNotHaveDuplicates();
  }
}
