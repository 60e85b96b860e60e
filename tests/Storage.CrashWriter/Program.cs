using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Sqlite;

// Arguments: the file, and the number of writers. Each writer has a log of its own in the file and appends revision after revision; after each
// acknowledgement it prints "writer revision".
var writers = int.Parse(args[1], CultureInfo.InvariantCulture);
var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
using var store = new SqliteStore(Options.Create(new SqliteStoreOptions { Path = args[0] }));
var storage = new SqliteGrainStorage(
    store, new OrleansGrainStorageSerializer(services.GetRequiredService<Serializer>()), services.GetRequiredService<IActivatorProvider>());
var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
await Task.WhenAll(Enumerable.Range(0, writers).Select(AppendForEver));

async Task AppendForEver(int writer)
{
    var options = new ObjectLogOptions { CompactionChanges = 200, RetainedBatches = 16 };
    var log = await ObjectLog.OpenAsync(storage, GrainId.Create("crash", $"{writer}"), TimeProvider.System, options);
    while (true)
    {
        var revision = log.Head.Revision + 1;
        await log.AppendAsync(new Batch
        {
            Revision = revision,
            Time = TimeProvider.System.GetUtcNow(),
            Changes = [ObjectChange.Put(new ObjectKey(1, $"object-{revision % 100}"), new StoredObject { Revision = revision, Content = new byte[300] })],
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writer} {revision}"));
    }
}
