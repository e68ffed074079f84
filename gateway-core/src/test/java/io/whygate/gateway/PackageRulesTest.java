package io.whygate.gateway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The rules of the design between packages: who may see whom, and what stays in its room.
final class PackageRulesTest {
  private static final String ROOT = "io.whygate.gateway";

  /// Each may use only those before it, and itself. `.` is the root package.
  private static final List<String> ORDER =
      List.of(
          "config",
          "config.watch",
          "config.reading",
          "http",
          "compression",
          "grpc",
          "grpcweb",
          "http2",
          "proxyprotocol",
          "trace",
          "trust",
          "posting",
          "transport",
          "acme",
          "acme.client",
          "ocsp",
          "address",
          "upstream",
          "routing",
          "filter",
          "connection.tls",
          "connection.dial",
          "connection",
          "connection.http1",
          "connection.http2",
          "connection.tcp",
          "connection.pool",
          "connection.health",
          "reply",
          "exchange",
          "waiting",
          "listener.client",
          "listener.http2",
          "listener.http3",
          "listener.passthrough",
          "listener",
          "telemetry",
          "telemetry.otlp",
          "replay",
          "syslog",
          "notification",
          "admin",
          ".",
          "cli");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static String named(String step) {
    return step.equals(".") ? ROOT : ROOT + "." + step;
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    assertThat(CLASSES.stream().map(each -> each.getPackageName()).distinct())
        .isSubsetOf(ORDER.stream().map(PackageRulesTest::named).toList());
  }

  @TestFactory
  List<DynamicTest> eachPackageUsesOnlyThoseBeforeIt() {
    return IntStream.range(0, ORDER.size() - 1)
        .mapToObj(i -> {
          String[] later =
              ORDER.subList(i + 1, ORDER.size()).stream()
                  .map(PackageRulesTest::named)
                  .toArray(String[]::new);
          return DynamicTest.dynamicTest(
              ORDER.get(i),
              () ->
                  noClasses()
                      .that()
                      .resideInAPackage(named(ORDER.get(i)))
                      .should()
                      .dependOnClassesThat()
                      .resideInAnyPackage(later)
                      .allowEmptyShould(true)
                      .check(CLASSES));
        })
        .toList();
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void exchangeAloneJoinsListenersAndConnections() {
    noClasses()
        .that()
        .resideInAPackage(named("listener.."))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(named("connection.."))
        .check(CLASSES);
  }

  @Test
  void hoconStaysWhereConfigurationIsRead() {
    noClasses()
        .that(are(resideInAPackage(ROOT + "..")))
        .and()
        .resideOutsideOfPackage(named("config.reading"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.typesafe..")
        .check(CLASSES);
  }

  @Test
  void librariesOfCertificatesStayWhereTheyAreUsed() {
    noClasses()
        .that()
        .resideOutsideOfPackage(named("acme.client"))
        .and()
        .doNotHaveFullyQualifiedName(named("ocsp.OcspMessages"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.shredzone..", "org.bouncycastle..", "org.jose4j..")
        .check(CLASSES);
  }

  @Test
  void nettyStaysWhereBytesMove() {
    noClasses()
        .that(
            are(
                resideInAnyPackage(
                    named("config.."),
                    named("address"),
                    named("upstream"),
                    named("routing"),
                    named("filter"),
                    named("syslog"),
                    named("notification"),
                    named("trace"),
                    named("trust"),
                    named("posting"),
                    named("cli"))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(CLASSES);
  }

  @Test
  void commandsAloneUseTheFaults() {
    noClasses()
        .that()
        .resideOutsideOfPackage(named("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.whygate.faults..")
        .check(CLASSES);
  }

  @Test
  void commandsAloneWriteToTheTerminal() {
    noClasses()
        .that()
        .resideOutsideOfPackage(named("cli"))
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(CLASSES);
  }

  @Test
  void noStateIsStatic() {
    fields().that().areStatic().should().beFinal().check(CLASSES);
  }

  @Test
  void namesSayWhatATypeIs() {
    classes()
        .should()
        .haveNameNotMatching(
            ".*\\.(Abstract|Default)[A-Z][^.]*|.*(Impl|Util|Utils|Helper|Manager|Wrapper)")
        .check(withoutServiceManager());
  }

  /// systemd(1) calls itself a system and service manager: the name is the field's own.
  private static JavaClasses withoutServiceManager() {
    return CLASSES.that(
        com.tngtech.archunit.base.DescribedPredicate.describe(
            "not the service manager", each -> !each.getSimpleName().equals("ServiceManager")));
  }
}
