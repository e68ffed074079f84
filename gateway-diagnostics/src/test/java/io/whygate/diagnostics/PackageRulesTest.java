package io.whygate.diagnostics;

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

/// The rules of the design between packages of the diagnostics.
final class PackageRulesTest {
  private static final String ROOT = "io.whygate.diagnostics";

  /// Each may use only those before it, what is in it, and itself. `.` is the root package.
  private static final List<String> ORDER =
      List.of(
          "json",
          "proto",
          "store",
          "redaction",
          "facts",
          "contact",
          "platform",
          "probe",
          "memory",
          "verdict",
          "incident",
          "page",
          ".");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  private static String named(String step) {
    return step.equals(".") ? ROOT : ROOT + "." + step + "..";
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    assertThat(
            CLASSES.stream()
                .map(each -> each.getPackageName().substring(ROOT.length()))
                .map(name -> name.isEmpty() ? "." : name.split("\\.", 3)[1])
                .distinct())
        .isSubsetOf(ORDER);
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
                      .check(CLASSES));
        })
        .toList();
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theLibraryIsUsableWithoutTheGateway() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "com.typesafe..", "io.whygate.gateway..")
        .check(CLASSES);
  }

  @Test
  void nothingIsWrittenToTheTerminal() {
    noClasses()
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
        .check(CLASSES);
  }
}
