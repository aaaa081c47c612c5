process.stdout.write('there\n', () => process.exit());
