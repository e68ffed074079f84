package io.whygate.diagnostics.contact;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.contact.HostContacts.Place;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Contacts from registries, over real HTTP.
final class HostContactsTest {
  private static final String NETWORK =
      """
      {"objectClassName":"ip network","handle":"NET-1","name":"ACME-NET",
       "startAddress":"93.184.0.0","endAddress":"93.184.255.255","entities":[
        {"roles":["registrant"],"vcardArray":["vcard",[["version",{},"text","4.0"],
          ["fn",{},"text","Acme Inc."],["email",{},"text","office@acme.example"],
          ["adr",{},"text",["","",null,"Town","","",""]]]],
         "entities":[{"roles":["abuse"],"vcardArray":["vcard",[
          ["fn",{},"text","Abuse desk"],["email",{"pref":"1"},"text","abuse@acme.example"],
          ["tel",{"type":"voice"},"uri","tel:+1-555-0100"]]]}]},
        {"roles":["technical"],"vcardArray":["vcard",[["fn",{},"text","No mail"]]]}]}
      """;

  private static final String DOMAIN =
      """
      {"objectClassName":"domain","ldhName":"ACME.SHOP","entities":[
        {"roles":["technical"],"vcardArray":["vcard",[["fn",{},"text","Acme\\nOperations"],
          ["email",{},"text","ops@acme.example"],["url",{},"uri","https://acme.example/help"]]]},
        {"roles":["registrar"],"entities":[{"roles":["abuse"],"vcardArray":["vcard",[
          ["fn",{},"text",""],["email",{},"text","abuse@registrar.example"]]]}]}]}
      """;

  @TempDir private Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

  private HostContacts contacts(URI bootstrap, Optional<Path> kept) {
    return new HostContacts(
        new ContactSettings(true, bootstrap, Duration.ofSeconds(5), kept), now::get);
  }

  private static Place place(String address, String name, boolean nameFirst) {
    return new Place(
        address.isEmpty() ? Optional.empty() : Optional.of(InetAddress.ofLiteral(address)),
        name,
        nameFirst);
  }

  private static HostContact awaited(HostContacts contacts, Place place) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    contacts.lookUp(place);
    while (contacts.known(place).isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(2_000_000);
    }
    return contacts.known(place).orElseThrow();
  }

  @Test
  void theDeskOfTheNetworkIsFoundAtTheMostSpecificRegistry() throws Exception {
    try (RdapServer server = new RdapServer().put("/ip4/ip/93.184.216.34", NETWORK);
        HostContacts contacts = contacts(server.bootstrap(), Optional.empty())) {
      HostContact found = awaited(contacts, place("93.184.216.34", "www.acme.shop", false));
      assertThat(found)
          .isEqualTo(
              new HostContact(
                  new Contact("Abuse desk", "abuse@acme.example", "+1-555-0100", ""),
                  "abuse",
                  "93.184.0.0 - 93.184.255.255 (ACME-NET)",
                  server.bootstrap().resolve("/ip4/ip/93.184.216.34").toString()));
      assertThat(server.asked()).containsExactly("/rdap/ipv4.json", "/ip4/ip/93.184.216.34");
    }
  }

  @Test
  void aFaultOfTheNameGoesToTheDomainAndARedirectIsFollowed() throws Exception {
    try (RdapServer server =
            new RdapServer()
                .put("/names/domain/acme.shop", "/moved/acme.shop")
                .put("/moved/acme.shop", DOMAIN);
        HostContacts contacts = contacts(server.bootstrap(), Optional.empty())) {
      HostContact found = awaited(contacts, place("93.184.216.34", "www.acme.shop", true));
      assertThat(found.contact())
          .isEqualTo(
              new Contact("Acme Operations", "ops@acme.example", "", "https://acme.example/help"));
      assertThat(found.role()).isEqualTo("technical");
      assertThat(found.of()).isEqualTo("acme.shop");
    }
  }

  @Test
  void whereTheAddressIsNobodysTheDomainIsAskedAboutLabelByLabel() throws Exception {
    try (RdapServer server = new RdapServer().put("/names/domain/acme.co.shop", DOMAIN);
        HostContacts contacts = contacts(server.bootstrap(), Optional.empty())) {
      awaited(contacts, place("10.0.0.7", "www.acme.co.shop", false));
      assertThat(server.asked())
          .containsExactly("/rdap/dns.json", "/names/domain/co.shop", "/names/domain/acme.co.shop");
    }
  }

  @Test
  void theListsAreKeptInMemoryAndOnDiskForADay() throws Exception {
    Place one = place("93.184.216.34", "", false);
    Place other = place("93.184.216.35", "", false);
    try (RdapServer server =
        new RdapServer()
            .put("/ip4/ip/93.184.216.34", NETWORK)
            .put("/ip4/ip/93.184.216.35", NETWORK)) {
      try (HostContacts contacts = contacts(server.bootstrap(), Optional.of(folder))) {
        awaited(contacts, one);
        awaited(contacts, other);
        awaited(contacts, one);
      }
      assertThat(Files.readString(folder.resolve("rdap-ipv4.json"))).contains("93.184.0.0/16");
      try (HostContacts contacts = contacts(server.bootstrap(), Optional.of(folder))) {
        awaited(contacts, one);
      }
      assertThat(server.asked()).filteredOn("/rdap/ipv4.json"::equals).hasSize(1);
      now.updateAndGet(at -> at.plus(Duration.ofHours(25)));
      try (HostContacts contacts = contacts(server.bootstrap(), Optional.of(folder))) {
        awaited(contacts, one);
      }
      assertThat(server.asked()).filteredOn("/rdap/ipv4.json"::equals).hasSize(2);
    }
  }

  @Test
  void nobodyIsAskedWithoutTheOperatorsWish() throws Exception {
    try (RdapServer server = new RdapServer().put("/ip4/ip/93.184.216.34", NETWORK);
        HostContacts off =
            new HostContacts(
                new ContactSettings(
                    false, server.bootstrap(), Duration.ofSeconds(5), Optional.empty()),
                now::get);
        HostContacts on = contacts(server.bootstrap(), Optional.empty())) {
      Place place = place("93.184.216.34", "", false);
      off.lookUp(place);
      awaited(on, place);
      assertThat(off.known(place)).isEmpty();
      assertThat(server.asked()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"not json", "{}", "[1]", "{\"entities\":{\"a\":[null]}}", "{\"entities\":["})
  void whatMakesNoSenseIsNoContact(String answer) throws Exception {
    try (RdapServer server =
            new RdapServer()
                .put("/ip4/ip/93.184.216.34", answer)
                .put("/ip4/ip/93.184.216.35", NETWORK);
        HostContacts contacts = contacts(server.bootstrap(), Optional.empty())) {
      Place senseless = place("93.184.216.34", "", false);
      contacts.lookUp(senseless);
      // One question at a time: once the second is answered, the first is over.
      awaited(contacts, place("93.184.216.35", "", false));
      contacts.lookUp(senseless);
      assertThat(contacts.known(senseless)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "93.184.216.34, true",
    "8.8.8.8, true",
    "2a00:1450::1, true",
    "127.0.0.1, false",
    "10.1.2.3, false",
    "172.20.0.1, false",
    "192.168.1.1, false",
    "100.64.0.1, false",
    "169.254.1.1, false",
    "192.0.2.1, false",
    "203.0.113.9, false",
    "198.18.0.1, false",
    "255.255.255.255, false",
    "0.0.0.0, false",
    "::1, false",
    "fd00::1, false",
    "fe80::1, false",
    "2001:db8::1, false"
  })
  void onlyAddressesOfTheWorldAreAskedAbout(String address, boolean asked) {
    assertThat(Questions.isGlobal(InetAddress.ofLiteral(address))).isEqualTo(asked);
  }

  @ParameterizedTest
  @CsvSource({
    "www.acme.shop, 'acme.shop,www.acme.shop'",
    "ACME.shop., acme.shop",
    "shop.internal, ''",
    "localhost, ''",
    "10.0.0.7, ''",
    "a.example, ''",
    "::1, ''",
    "nas.local, ''",
    "a.b.c.d.e.fr, 'e.fr,d.e.fr,c.d.e.fr'"
  })
  void onlyDomainsOfTheWorldAreAskedAbout(String name, String domains) {
    assertThat(String.join(",", Questions.domains(name))).isEqualTo(domains);
  }
}
