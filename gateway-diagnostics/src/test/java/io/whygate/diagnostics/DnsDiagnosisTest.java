package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.probe.dns.LookUp;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.CachingResolver;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.TXTRecord;

class DnsDiagnosisTest {
  private static final String NAME = "shop.whygate.test";
  private static final String OLD = "127.0.1.1";
  private static final String NEW = "127.0.1.2";

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Memory memory = new Memory(InstantSource.system());
  private final Diagnostician diagnostician = new Diagnostician(Failures.UNHURRIED, memory);
  private Zone zone;
  private DnsServer authority;
  private DnsServer resolver;

  @BeforeEach
  void serveNames() throws IOException {
    opened.add(diagnostician);
    zone = Zone.of("whygate.test").ns("ns1", "127.0.0.1").negativeTtl(40);
    authority = open(DnsServer.authority(zone));
    resolver = open(DnsServer.resolver("whygate.test", authority));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  @Test
  void sendsTheRequestToWhereTheSiteMoved() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    zone.address("shop", 300, OLD);
    remember(NAME);
    zone.address("shop", 60, NEW);

    Diagnosis diagnosis = diagnose(failures(server.port()).usedAddress(OLD), new ConnectRefused());

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.verdict().confidence()).isGreaterThan(0.9);
    assertThat(diagnosis.verdict().parameters()).containsEntry("new-address", NEW);
    assertThat(diagnosis.remedy()).isPresent();
    assertThat(diagnosis.remedy().orElseThrow().addresses()).containsExactly(Failures.address(NEW));
    assertThat(diagnosis.retryAfterSeconds().orElseThrow()).isBetween(290L, 300L);
    assertThat(diagnosis.steps())
        .filteredOn(step -> step.state() == StepState.FAILED)
        .singleElement()
        .matches(step -> step.step() == Step.DNS);
    assertThat(diagnosis.healed().steps())
        .anyMatch(step -> step.step() == Step.DNS && step.state() == StepState.HEALED);
  }

  @Test
  void doesNotTakeOverAnAddressThatIsAnotherSite() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    zone.address("shop", 300, OLD);
    remember(NAME);
    zone.address("shop", 60, NEW);
    memory.identified(endpoint(server.port()), new Identity("", "", "A title it never had"));

    Diagnosis diagnosis = diagnose(failures(server.port()).usedAddress(OLD), new ConnectRefused());

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.remedy()).isEmpty();
    assertThat(diagnosis.verdict().because()).contains("not the same site");
  }

  @Test
  void keepsTheDriftWhereTheNewAddressFailsToo() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    server.fault(new Fault.NothingListens());
    zone.address("shop", 300, OLD);
    remember(NAME);
    zone.address("shop", 60, NEW);

    Diagnosis diagnosis = diagnose(failures(server.port()).usedAddress(OLD), new ConnectRefused());

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.remedy()).isEmpty();
  }

  @Test
  void tellsAClosedPortFromADriftWhereTheNameAgrees() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(OLD).start());
    server.fault(new Fault.NothingListens());
    zone.address("shop", 300, OLD);

    Diagnosis diagnosis = diagnose(failures(server.port()).usedAddress(OLD), new ConnectRefused());

    assertThat(diagnosis.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
    assertThat(diagnosis.steps())
        .anyMatch(step -> step.step() == Step.DNS && step.state() == StepState.PASSED);
  }

  @Test
  void healsANameThatAResolverStillRemembersAsMissing() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    remember(NAME);
    zone.address("shop", 60, NEW);

    Diagnosis diagnosis =
        diagnose(failures(server.port()), notResolved(NamingProblem.NAME_NOT_FOUND, "NXDOMAIN"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.remedy().orElseThrow().ttlSeconds()).isBetween(35L, 40L);
    assertThat(diagnosis.retryAfterSeconds().orElseThrow()).isBetween(35L, 40L);
  }

  @Test
  void healsANameThatIsBackForNoLongerThanItsNewAnswerHolds() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    zone.address("shop", 2, NEW);

    Diagnosis diagnosis =
        diagnose(failures(server.port()), notResolved(NamingProblem.NAME_NOT_FOUND, "NXDOMAIN"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.remedy().orElseThrow().ttlSeconds()).isBetween(1L, 2L);
  }

  @Test
  void namesAStrangerAtTheOldAddress() throws Exception {
    Pki pki = Pki.of(NAME);
    FaultyServer old = open(FaultyServer.builder().address(OLD).tls(pki).start());
    old.tlsFault(new TlsFault.WrongName());
    open(FaultyServer.builder().address(NEW).port(old.port()).tls(pki).start());
    TlsProbe.handshake(
        old.address(),
        new TlsProbe.Greeting(
            NAME, UpstreamFacts.Protocol.AUTO, Optional.empty(), UpstreamFacts.ProxyProtocol.NONE),
        Deadline.in(Duration.ofSeconds(2)));
    zone.address("shop", 300, OLD);
    remember(NAME);
    zone.address("shop", 60, NEW);
    Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTPS, NAME, old.port());
    Failures failures =
        Failures.at(endpoint, OLD).dns(authority.port(), resolver.address()).trusting(pki.root());

    Diagnosis diagnosis =
        diagnose(
            failures,
            new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "no name matching"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_RECYCLED_ADDRESS);
    assertThat(diagnosis.remedy()).isPresent();
  }

  @Test
  void namesANameThatDoesNotExist() throws Exception {
    Diagnosis diagnosis =
        diagnose(failures(80), notResolved(NamingProblem.NAME_NOT_FOUND, "NXDOMAIN"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_NAME_NOT_FOUND);
    assertThat(diagnosis.verdict().confidence()).isGreaterThan(0.95);
  }

  @Test
  void namesANameWithoutAddress() throws Exception {
    zone.record(new TXTRecord(Name.fromString(NAME + "."), DClass.IN, 60, "x"));

    assertThat(diagnose(failures(80), notResolved(NamingProblem.NO_ADDRESS, "NOERROR")).cause())
        .isEqualTo(Cause.DNS_NO_ADDRESS);
  }

  @Test
  void namesAnAliasOfANameThatIsGone() throws Exception {
    zone.alias("shop", 60, "gone");

    Diagnosis diagnosis =
        diagnose(failures(80), notResolved(NamingProblem.NAME_NOT_FOUND, "NXDOMAIN"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DANGLING_ALIAS);
    assertThat(diagnosis.verdict().parameters()).containsEntry("target", "gone.whygate.test");
  }

  @Test
  void tellsBrokenSignaturesFromAServerFailure() throws Exception {
    zone.address("shop", 60, OLD);
    resolver.fault(NAME, new DnsFault.FailsValidation(6));
    assertThat(
            diagnose(failures(80), notResolved(NamingProblem.SERVER_FAILURE, "SERVFAIL")).cause())
        .isEqualTo(Cause.DNS_VALIDATION_FAILED);

    diagnostician.forget(Failures.UPSTREAM);
    resolver.mend();
    resolver.fault(NAME, DnsFault.Fails.SERVFAIL);
    assertThat(
            diagnose(failures(80), notResolved(NamingProblem.SERVER_FAILURE, "SERVFAIL")).cause())
        .isEqualTo(Cause.DNS_SERVER_FAILURE);
  }

  @Test
  void namesServersThatDoNotAnswerForTheirZone() throws Exception {
    resolver.fault(NAME, DnsFault.Fails.SERVFAIL);
    authority.fault(NAME, new DnsFault.Lame());
    assertThat(
            diagnose(failures(80), notResolved(NamingProblem.SERVER_FAILURE, "SERVFAIL")).cause())
        .isEqualTo(Cause.DNS_LAME_DELEGATION);

    diagnostician.forget(Failures.UPSTREAM);
    authority.mend();
    authority.fault(NAME, DnsFault.Fails.REFUSED);
    assertThat(
            diagnose(failures(80), notResolved(NamingProblem.SERVER_FAILURE, "SERVFAIL")).cause())
        .isEqualTo(Cause.DNS_LAME_DELEGATION);
  }

  @Test
  void namesARefusal() throws Exception {
    resolver.fault(new DnsFault.Fails(Rcode.REFUSED));
    assertThat(diagnose(failures(80), notResolved(NamingProblem.REFUSED, "REFUSED")).cause())
        .isEqualTo(Cause.DNS_REFUSED);
  }

  @Test
  void namesResolversThatAreSilentOrGone() throws Exception {
    resolver.fault(new DnsFault.Silence());
    assertThat(diagnose(failures(80), notResolved(NamingProblem.TIMEOUT, "")).cause())
        .isEqualTo(Cause.DNS_TIMEOUT);

    diagnostician.forget(Failures.UPSTREAM);
    resolver.stopListening();
    Diagnosis diagnosis = diagnose(failures(80), notResolved(NamingProblem.TIMEOUT, ""));
    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_TIMEOUT);
    assertThat(diagnosis.evidence()).anyMatch(e -> e.answer().contains("port closed"));
  }

  @Test
  void namesResolversThatDisagreeWhereNobodyElseCanBeAsked() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(OLD).start());
    server.fault(new Fault.NothingListens());
    zone.address("shop", 300, OLD);
    remember(NAME);
    Zone otherView = Zone.of("whygate.test").address("shop", 60, NEW);
    DnsServer otherAuthority = open(DnsServer.authority(otherView));
    DnsServer other = open(DnsServer.resolver("whygate.test", otherAuthority));
    authority.fault(new DnsFault.Silence());
    Failures failures =
        Failures.at(endpoint(server.port()), OLD)
            .dns(authority.port(), resolver.address(), other.address());

    assertThat(diagnose(failures, new ConnectRefused()).cause())
        .isEqualTo(Cause.DNS_RESOLVERS_DISAGREE);
  }

  @Test
  void namesASinkhole() throws Exception {
    zone.address("shop", 60, "0.0.0.0");
    assertThat(diagnose(failures(9).usedAddress("0.0.0.0"), new ConnectRefused()).cause())
        .isEqualTo(Cause.DNS_SINKHOLED);
  }

  @Test
  void asksTheServersThatAParentPointsTo() throws Exception {
    FaultyServer server = open(FaultyServer.builder().address(NEW).start());
    Zone parent = Zone.of("test").ns("ns", "127.0.0.1").delegate("deep", "ns1.deep", "127.0.0.3");
    DnsServer parentServer = open(DnsServer.authority(parent));
    Zone child = Zone.of("deep.test").address("shop", 60, NEW);
    open(DnsServer.start(new Authority(List.of(child)), "127.0.0.3", parentServer.port()));
    DnsServer old =
        open(DnsServer.authority(Zone.of("deep.test").address("shop", 300, OLD), parent));
    DnsServer view =
        open(
            DnsServer.start(
                new CachingResolver(Duration.ofMillis(500)).forward("test", old.address()),
                "127.0.0.1",
                0));
    Failures failures =
        Failures.at(new Endpoint(Endpoint.Scheme.HTTP, "shop.deep.test", server.port()), OLD)
            .dns(parentServer.port(), view.address());

    Diagnosis diagnosis = diagnose(failures, new ConnectRefused());

    assertThat(diagnosis.cause()).isEqualTo(Cause.DNS_DRIFT);
    assertThat(diagnosis.remedy()).isPresent();
  }

  private Failures failures(int port) {
    return Failures.at(endpoint(port), "").dns(authority.port(), resolver.address());
  }

  private static Endpoint endpoint(int port) {
    return new Endpoint(Endpoint.Scheme.HTTP, NAME, port);
  }

  private static AttemptFailure notResolved(NamingProblem problem, String rcode) {
    return new NameNotResolved(NAME, problem, rcode, -1);
  }

  /// Has the resolver ask, and so remember what the name's servers say now.
  private void remember(String name) throws Exception {
    var facts = failures(80).facts();
    var endpoint = new Endpoint(Endpoint.Scheme.HTTP, name, 80);
    LookUp.addresses(endpoint, facts, Deadline.in(Duration.ofSeconds(2)));
  }

  private Diagnosis diagnose(Failures failures, AttemptFailure failure) throws Exception {
    return diagnostician
        .diagnose(failures.failing(failure), failures.facts())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private <C extends AutoCloseable> C open(C closeable) {
    opened.add(closeable);
    return closeable;
  }
}
