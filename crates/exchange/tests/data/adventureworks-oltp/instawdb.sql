-- The statements that name the columns of the files beside this one.
CREATE TABLE [Production].[UnitMeasure]([UnitMeasureCode] [nchar](3) NOT NULL, [Name] [Name] NOT NULL, [ModifiedDate] [datetime] NOT NULL);
CREATE TABLE [Purchasing].[ShipMethod]([ShipMethodID] [int] NOT NULL, [Name] [Name] NOT NULL);
CREATE TABLE [Production].[ProductCategory]([ProductCategoryID] [int] NOT NULL, [Name] [Name] NOT NULL);
CREATE TABLE [Production].[ProductSubcategory]([ProductSubcategoryID] [int] NOT NULL, [ProductCategoryID] [int] NOT NULL, [Name] [Name] NOT NULL);
CREATE TABLE [Purchasing].[Vendor](
    [BusinessEntityID] [int] NOT NULL,
    [AccountNumber] [AccountNumber] NOT NULL,
    [Name] [Name] NOT NULL,
    [ActiveFlag] [Flag] NOT NULL CONSTRAINT [DF_Active] DEFAULT (1),
    [PurchasingWebServiceURL] [nvarchar](1024) NULL,
    CONSTRAINT [CK_Vendor] CHECK ([BusinessEntityID] > 0)
);
CREATE TABLE [Production].[Product]([ProductID] [int], [Name] [Name], [ProductNumber] [nvarchar](25), [ReorderPoint] [smallint], [StandardCost] [money], [ListPrice] [money], [WeightUnitMeasureCode] [nchar](3), [Weight] [decimal](8, 2), [ProductSubcategoryID] [int], [SellEndDate] [datetime], [DiscontinuedDate] [datetime]);
CREATE TABLE [Purchasing].[ProductVendor]([ProductID] [int], [BusinessEntityID] [int]);
CREATE TABLE [HumanResources].[Department]([DepartmentID] [smallint], [Name] [Name], [GroupName] [Name]);
CREATE TABLE [HumanResources].[Employee]([BusinessEntityID] [int], [LoginID] [nvarchar](256), [OrganizationNode] [hierarchyid], [OrganizationLevel] AS OrganizationNode.GetLevel(), [JobTitle] [nvarchar](50), [BirthDate] [date], [HireDate] [date]);
CREATE TABLE [HumanResources].[EmployeeDepartmentHistory]([BusinessEntityID] [int], [DepartmentID] [smallint], [EndDate] [date]);
