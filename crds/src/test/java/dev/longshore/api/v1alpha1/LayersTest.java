package dev.longshore.api.v1alpha1;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What the schema of resources may know. */
class LayersTest {
  /** It is what users write, whoever reads it: neither a translator nor a data plane. */
  @Test
  void theSchemaKnowsNobodyWhoReadsIt() {
    classes()
        .that()
        .resideInAPackage("dev.longshore.api..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.longshore.api..",
            "java..",
            "org.jspecify.annotations..",
            "com.fasterxml.jackson..",
            "io.fabric8..")
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.longshore.api"));
  }
}
